"""What can go wrong with configuration templates."""

from csms.kit.errors import Invalid, NotFound


class TemplateNotFound(NotFound):
    """There is no such configuration template."""

    code = "configuration_template_not_found"


class InvalidTemplate(Invalid):
    """This template asks for what a configuration key cannot be."""

    code = "invalid_configuration_template"
