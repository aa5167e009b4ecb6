"""A dossier as a person writes it: a TOML file beside the papers it names.

credit_code = "91220101MA0Y00003N"
name = "长春示例制造有限公司"
kind = "employer"               # employer, vocational_school, social_organisation
division = "220102"             # and the other fields of jiangheng.api.registration.v1.Dossier
truth_promised = true

[[scopes]]
occupation_code = "6-31-01-03"
occupation_name = "电工"
level = 4

[[papers]]
kind = "assessment_plan"
title = "电工四级考核方案"
occupation_code = "6-31-01-03"
file = "papers/plan.pdf"        # its SHA-256 is filed; or sha256 = "<64 hex digits>"
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from jiangheng.api.registration.v1 import registration_pb2 as pb


class DossierFileError(Exception):
    """The file cannot be read as a dossier; the message says where and why."""


def read(path: Path) -> pb.SaveDraftRequest:
    """The dossier in the file and whose it is. Raises DossierFileError; unknown keys are faults."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        credit_code = content.pop("credit_code")
        return pb.SaveDraftRequest(credit_code=credit_code, dossier=_dossier(content, path.parent))
    except KeyError as missing:
        raise DossierFileError(f"{path}: {missing.args[0]} is missing") from None
    except (OSError, ValueError, TypeError, AttributeError, ParseError) as error:
        raise DossierFileError(f"{path}: {error}") from None


def _dossier(content: Mapping[str, Any], folder: Path) -> pb.Dossier:
    form = dict(content)
    if "kind" in form:
        form["kind"] = f"INSTITUTION_KIND_{form['kind'].upper()}"
    form["papers"] = [_paper(paper, folder) for paper in form.get("papers", [])]
    return ParseDict(form, pb.Dossier())


def _paper(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    paper = {name: value for name, value in entry.items() if name not in ("file", "sha256")}
    paper["kind"] = f"PAPER_KIND_{entry['kind'].upper()}"
    if ("file" in entry) == ("sha256" in entry):
        raise ValueError(f"paper {entry.get('title', '')!r}: say one of file, sha256")
    digest = _digest(folder / entry["file"]) if "file" in entry else bytes.fromhex(entry["sha256"])
    return {**paper, "digest": b64encode(digest).decode()}


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()
