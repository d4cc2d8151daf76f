"""Logs: readable in a terminal, JSON elsewhere; secrets never get here because nobody logs them."""

import logging
import sys

import structlog

from csms.kit.tracing import current_trace


def set_up(level: str) -> None:
    """Send everything, the standard library's loggers too, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    exceptions: list[structlog.typing.Processor] = [] if sys.stderr.isatty() else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, *exceptions, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer,
        ])
    )  # fmt: skip
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _with_trace(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What was logged while a span is open can be found with its trace."""
    trace = current_trace()
    if trace is not None:
        line["trace_id"] = trace.split("-")[1]
    return line
