"""What a database refuses, in words that a person reads."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from printstd.adapters.databases import outside
from printstd.errors import OutsideError


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (Exception({"S": "FATAL", "C": "57P03", "M": "it is starting up"}), "it is starting up"),
        (Exception({"C": "57P03"}), "{'C': '57P03'}"),
        (Exception("disk I/O error\nat some page"), "disk I/O error"),
        (Exception(), "Exception"),
    ],
)
def test_a_server_s_message_is_told_and_not_all_of_its_fields(cause: Exception, told: str) -> None:
    with pytest.raises(OutsideError) as caught, outside("farm", "refused", "look"):
        raise sa.exc.DBAPIError("SELECT 1", {}, cause)
    assert caught.value.got == told
