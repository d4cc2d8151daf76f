"""How hard the property tests look: the same examples every time by default, CSMS_TEST_EXAMPLES=2000 new ones if asked."""

import os

from hypothesis import HealthCheck, settings

examples = os.environ.get("CSMS_TEST_EXAMPLES")

settings.register_profile(
    "ocpp",
    max_examples=int(examples or 50),
    derandomize=examples is None,
    database=None,
    deadline=None,  # other things run on this machine too
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ocpp")
