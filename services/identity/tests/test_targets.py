"""What a grant is for: as the role demands."""

from __future__ import annotations

import pytest

from jiangheng.chassis.errors import Problem
from jiangheng.identity.domain.targets import Target, checked_target

CODE = "52220101MJ12345679"


def field(role: str, institution: str, region: str) -> str:
    with pytest.raises(Problem) as refused:
        checked_target(role, institution, region)
    return refused.value.field


@pytest.mark.requirement("IAM-001")
@pytest.mark.parametrize(
    ("role", "institution", "region", "target"),
    [
        ("institution_officer", CODE, "", Target(institution=CODE)),
        ("institution_officer", CODE.lower(), "", Target(institution=CODE)),
        ("filing_officer", "", "22", Target(region="22")),
        ("filing_officer", "", "220102", Target(region="220102")),
        ("auditor", "", "00", Target(region="00")),
        ("key_approver", "", "", Target(region="00")),
        ("identity_administrator", "", "00", Target(region="00")),
    ],
)
def test_the_role_decides_what_is_named(role: str, institution: str, region: str, target: Target) -> None:
    assert checked_target(role, institution, region) == target


@pytest.mark.requirement("IAM-001")
@pytest.mark.parametrize(
    ("role", "institution", "region", "at_fault"),
    [
        ("institution_officer", "", "", "institution"),
        ("institution_officer", CODE[:-1] + "0", "", "institution"),
        ("institution_officer", CODE, "22", "region"),
        ("filing_officer", "", "", "region"),
        ("filing_officer", CODE, "22", "institution"),
        ("filing_officer", "", "2", "region"),
        ("filing_officer", "", "99", "region"),
        ("filing_officer", "", "2201020", "region"),
        ("key_approver", "", "22", "region"),
        ("emperor", "", "00", "role"),
    ],
)
def test_anything_else_is_refused(role: str, institution: str, region: str, at_fault: str) -> None:
    assert field(role, institution, region) == at_fault
