# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws the costs over the number of processes, with a panel for each size of the store."""
import sys

LINES = (("smem", "smem"), ("ps", "ps -o pss"), ("psutil", "psutil"), ("rollup", "smaps_rollup in C"),
         ("slurm", "a poll of Slurm's UsePss"),
         ("cold", "first look"), ("tick", "steady look"), ("floor", "reads it cannot do without"))


def draw(results, path):
    try:
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("no plot: python3-matplotlib is missing", file=sys.stderr)
        return
    stores = sorted({r["store"] for r in results})
    figure, panels = pyplot.subplots(1, len(stores), sharey=True, squeeze=False, figsize=(4 * len(stores) + 1, 4.5))
    for panel, store in zip(panels[0], stores):
        rows = sorted((r for r in results if r["store"] == store), key=lambda r: r["processes"])
        for name, label in LINES:
            points = [(r["processes"], r["us"][name] / 1e6) for r in rows if name in r["us"]]
            if points:
                panel.plot(*zip(*points), marker="o", markersize=3, label=label,
                           linestyle=":" if name == "floor" else "-")
        panel.set(xscale="log", yscale="log", title=f"store of {store} MiB", xlabel="processes")
        panel.grid(True, which="major", alpha=0.3)
    panels[0][0].set_ylabel("seconds per look")
    panels[0][-1].legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.savefig(path, bbox_inches="tight", dpi=120, metadata={"Date": None} if path.endswith(".svg") else None)
    pyplot.close(figure)
