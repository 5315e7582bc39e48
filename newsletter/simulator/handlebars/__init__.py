"""Handlebars as SES speaks it: `syntax` reads a template, `rendering` fills it in. Nothing is ever escaped.

https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
"""

from newsletter.simulator.handlebars.rendering import AttributeMissing, Template
from newsletter.simulator.handlebars.syntax import InvalidTemplate

__all__ = ["AttributeMissing", "InvalidTemplate", "Template"]
