"""The codes and numbers that the work is done with, and how they are shown.

A check gives the reason why a value is not of its form, or None; an `explain…`
gives every reason, position by position. All take the one normal form only
(`normal_form`), so that two spellings of a number are never two persons or two
institutions. No reason repeats anything of the value.
"""

from jiangheng.rules.numbers.certificate import (
    LAST_SERIAL,
    CertificateCode,
    SerialScope,
    certificate_code,
    explain_certificate_code,
    explain_disagreements,
    level_names,
    next_serial,
    parse_certificate_code,
    serial_scope,
    structure_of,
)
from jiangheng.rules.numbers.credit import check_credit_code
from jiangheng.rules.numbers.divisions import check_division, cities, city_name, province_name, provinces
from jiangheng.rules.numbers.documents import (
    DocumentKind,
    check_accepted,
    check_document,
    document_kinds,
    explain_document,
)
from jiangheng.rules.numbers.form import normal_form
from jiangheng.rules.numbers.identity import (
    Holder,
    check_foreigner_card,
    check_hmt_residence_permit,
    check_residence_permit,
    check_resident_id,
    converted_resident_id,
    explain_resident_id,
    holder_of,
)
from jiangheng.rules.numbers.institution import (
    REGIONAL_BODY,
    InstitutionCode,
    check_institution_code,
    institution_code,
    institution_code_in_city,
    institution_kinds,
    parse_institution_code,
    parts_in_city,
)
from jiangheng.rules.numbers.kinds import NumberKind, UnknownKind, explain, number_kinds
from jiangheng.rules.numbers.masking import (
    MASK,
    mask,
    mask_kinds,
    masked_certificate_code,
    masked_identity_number,
    masked_name,
    masked_telephone,
)
from jiangheng.rules.numbers.occupation import check_occupation_code
from jiangheng.rules.numbers.structures import Part, parts_of, structure_names
from jiangheng.rules.numbers.ticket import TicketNumber, explain_ticket, parse_ticket, ticket_number

__all__ = [
    "LAST_SERIAL",
    "MASK",
    "REGIONAL_BODY",
    "CertificateCode",
    "DocumentKind",
    "Holder",
    "InstitutionCode",
    "NumberKind",
    "Part",
    "SerialScope",
    "TicketNumber",
    "UnknownKind",
    "certificate_code",
    "check_accepted",
    "check_credit_code",
    "check_division",
    "check_document",
    "check_foreigner_card",
    "check_hmt_residence_permit",
    "check_institution_code",
    "check_occupation_code",
    "check_residence_permit",
    "check_resident_id",
    "cities",
    "city_name",
    "converted_resident_id",
    "document_kinds",
    "explain",
    "explain_certificate_code",
    "explain_disagreements",
    "explain_document",
    "explain_resident_id",
    "explain_ticket",
    "holder_of",
    "institution_code",
    "institution_code_in_city",
    "institution_kinds",
    "level_names",
    "mask",
    "mask_kinds",
    "masked_certificate_code",
    "masked_identity_number",
    "masked_name",
    "masked_telephone",
    "next_serial",
    "normal_form",
    "number_kinds",
    "parse_certificate_code",
    "parse_institution_code",
    "parse_ticket",
    "parts_in_city",
    "parts_of",
    "province_name",
    "provinces",
    "serial_scope",
    "structure_names",
    "structure_of",
    "ticket_number",
]
