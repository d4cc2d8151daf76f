"""Traces, if they are wanted: without, OpenTelemetry's SDK is not even imported."""

from typing import TYPE_CHECKING

from csms import __version__
from csms.app.settings import BadSetting, Settings

if TYPE_CHECKING:
    from csms.adapters.tracing.otel import Traces


def open_traces(settings: Settings, process: str) -> "Traces | None":
    """To the collector of the settings; raises BadSetting when the packages for that are not installed."""
    if settings.otel_endpoint is None:
        return None
    try:
        from csms.adapters.tracing.otel import Traces, to_collector  # noqa: PLC0415 - it costs a second and megabytes

        processor = to_collector(settings.otel_endpoint)
    except ImportError as error:
        raise BadSetting(
            f"otel_endpoint needs packages that are not here: pip install 'csms[otel]' ({error})."
        ) from None
    return Traces(processor, process=process, roles=settings.roles, version=__version__)
