# SPDX-License-Identifier: GPL-2.0-or-later
# Files for sites to copy, the quickstart, and the scenarios with real Ray.
EXTRA_DIST += \
	contrib/epilog/raypss-epilog \
	contrib/epilog/raypss-left \
	contrib/epilog/raypss-publish.service \
	contrib/epilog/raypss-publish.timer \
	contrib/grafana/raypss-dashboard.json \
	contrib/node_exporter/raypss-metrics-listen.service \
	contrib/node_exporter/raypss-metrics.service \
	contrib/node_exporter/raypss-metrics.timer \
	contrib/node_exporter/raypss-rules-test.yml \
	contrib/node_exporter/raypss-rules.yml \
	contrib/quickstart/experiment.py \
	contrib/quickstart/install-packages \
	contrib/quickstart/private-slurm \
	contrib/quickstart/quickstart \
	contrib/quickstart/ray-venv \
	contrib/quickstart/ray_rounds.py \
	contrib/quickstart/table.py \
	tests/ray/help_driver.py \
	tests/ray/run \
	tests/ray/test_ray.py \
	tests/ray/test_ray_help.py

# For programs of users.
raypssdatadir = $(datadir)/raypss
dist_raypssdata_DATA = contrib/python/raypss.py contrib/ray-on-slurm.sbatch
