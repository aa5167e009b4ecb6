"""The story that the demo and the journey tests tell. Nobody in it is real; the numbers only check out."""

from __future__ import annotations

from dataclasses import dataclass

# A social organisation in Changchun that applies, an employer in Jilin City that must not meddle.
APPLICANT = "52220101MJ12345679"
NEIGHBOUR = "91220101MA0Y1ABC2E"

PROVINCE = "22"
OTHER_PROVINCE = "37"
COUNTRY = "00"


@dataclass(frozen=True)
class Role:
    """A role as it is granted: for one institution or for one region."""

    name: str
    institution: str = ""
    region: str = ""


@dataclass(frozen=True)
class Character:
    """A person of the story and the roles the administrator gives."""

    login: str
    name: str
    document_number: str
    roles: tuple[Role, ...] = ()


ADMINISTRATOR = Character("zhao.admin", "赵明", "220102198503120019")

QIAN = Character(
    "qian.officer", "钱颖", "220104197906050025", (Role("filing_officer", region=PROVINCE),)
)  # decides on filings in Jilin
SUN = Character("sun.approver", "孙磊", "220202198809210039", (Role("key_approver", region=COUNTRY),))
LI = Character("li.approver", "李强", "220302199101300143", (Role("key_approver", region=COUNTRY),))
ZHOU = Character("zhou.auditor", "周琳", "220402198611170052", (Role("auditor", region=COUNTRY),))
WU = Character(
    "wu.applicant", "吴晓", "220502198307080269", (Role("institution_officer", institution=APPLICANT),)
)
ZHENG = Character(
    "zheng.neighbour", "郑凯", "220103199204270085", (Role("institution_officer", institution=NEIGHBOUR),)
)
WANG = Character(
    "wang.shandong", "王芳", "370102198402150078", (Role("filing_officer", region=OTHER_PROVINCE),)
)
FENG = Character("feng.examiner", "冯涛", "220602199010090191", (Role("examiner", region=PROVINCE),))

CHEN = Character(
    "chen.affairs", "陈岩", "220102198604120034", (Role("exam_affairs_officer", institution=APPLICANT),)
)  # plans, describes sites, seats the candidates
CHU = Character(
    "chu.clerk", "褚莹", "220104199308210040", (Role("registration_clerk", institution=APPLICANT),)
)  # enters applications
HAN = Character(
    "han.both",
    "韩舟",
    "220105199003160018",
    (
        Role("registration_clerk", institution=APPLICANT),
        Role("qualification_reviewer", institution=APPLICANT),
    ),
)  # may enter and review, but not the same application
WEI = Character(
    "wei.reviewer", "卫东", "220106198111070070", (Role("qualification_reviewer", institution=APPLICANT),)
)  # reviews applications
JIANG = Character(
    "jiang.reviewer", "蒋璐", "220112198402190061", (Role("qualification_reviewer", institution=APPLICANT),)
)  # reviews them a second time
SHEN = Character(
    "shen.head", "沈毅", "220204197605300030", (Role("institution_head", institution=APPLICANT),)
)  # signs for the institution
YANG = Character(
    "yang.plans", "杨帆", "22018219800925008X", (Role("plan_officer", region=PROVINCE),)
)  # confirms plans and sites in Jilin
ZHU = Character(
    "zhu.centre", "朱宁", "220281198706110057", (Role("appraisal_centre_officer", region=PROVINCE),)
)  # samples for the appraisal centre
QIN = Character(
    "qin.neighbour",
    "秦岚",
    "22020319950403002X",
    (
        Role("exam_affairs_officer", institution=NEIGHBOUR),
        Role("registration_clerk", institution=NEIGHBOUR),
    ),
)  # works for the neighbour
YOU = Character(
    "you.shandong",
    "尤佳",
    "370102198307140090",
    (
        Role("plan_officer", region=OTHER_PROVINCE),
        Role("appraisal_centre_officer", region=OTHER_PROVINCE),
    ),
)  # confirms and samples in Shandong

CHARACTERS = (
    QIAN,
    SUN,
    LI,
    ZHOU,
    WU,
    ZHENG,
    WANG,
    FENG,
    CHEN,
    CHU,
    HAN,
    WEI,
    JIANG,
    SHEN,
    YANG,
    ZHU,
    QIN,
    YOU,
)
# Whose acts bear a signature of their own.
SIGNERS = (QIAN, YANG, SHEN)
