# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that tests share. While a test waits for its step the next one runs already: Ray waits more than it computes.

A test names its step with the marker step. The fixture step has what the step has become; a module begins the steps of its
tests with BEGIN, a table of name to a function that starts the step and returns an object with wait() and end().
"""
import pytest

AT_ONCE = 2


class Pipeline:
    """The steps of a module's selected tests, in their order."""

    def __init__(self, begin, names):
        self._begin, self._waiting = begin, list(dict.fromkeys(names))
        self._running, self._done = {}, {}

    def _fill(self):
        while self._waiting and len(self._running) < AT_ONCE:
            name = self._waiting.pop(0)
            self._running[name] = self._begin[name]()

    def result(self, name):
        while name not in self._done:
            self._fill()
            # In their order, so that a failure of one does not stop the others.
            first = next(iter(self._running))
            step = self._running[first]
            try:
                self._done[first] = step.wait()
            except AssertionError as error:
                self._done[first] = error
            finally:
                step.end()
                del self._running[first]
                self._fill()
        if isinstance(self._done[name], AssertionError):
            raise self._done[name]
        return self._done[name]

    def end(self):
        for step in self._running.values():
            step.end()


def pytest_configure(config):
    config.addinivalue_line("markers", "step(name): the step that the test looks at")


def _name(item):
    """The step of a test: of its marker, or of a parameter called program."""
    marker = item.get_closest_marker("step")
    return marker.args[0] if marker else getattr(item, "callspec", None) and item.callspec.params.get("program")


@pytest.fixture(scope="module")
def pipeline(request):
    names = [_name(item) for item in request.session.items if item.module is request.module]
    one = Pipeline(request.module.BEGIN, [name for name in names if name])
    yield one
    one.end()


@pytest.fixture
def step(request, pipeline):
    return pipeline.result(_name(request.node))
