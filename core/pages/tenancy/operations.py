"""The state of the installation, for operators: faults, closed offices, waiting messages."""

from importlib.metadata import version

from litestar import Response

from core.messages import outbox
from core.pages.tenancy.offices import closed_offices
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import OPERATORS
from core.web.health import find_faults
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

CHECKS = {"database": "数据库", "schema": "数据库结构", "clock": "时钟", "worker": "后台任务", "keys": "密钥"}
"""The label of each check of ``core.web.health``."""


@page("/operations", roles=OPERATORS)
def operations_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The checks of the installation, closed offices, waiting messages and the facts of the set-up."""
    faults = find_faults(platform)
    settings = platform.settings
    return render(
        request,
        session,
        "tenancy/operations.html",
        checks=[(label, faults.get(name, "")) for name, label in CHECKS.items()],
        closed=sorted(closed_offices(platform).items()),
        waiting=outbox.counts(session),
        facts=[
            ("版本", version("kaowu")),
            ("数据库", "内置" if settings.database_url is None else "外部"),
            ("材料存放", "本机" if settings.documents_bucket is None else "对象存储"),
            ("密钥由谁保管", settings.key_provider),
            ("备份加密", "已设公钥" if settings.backup_recipient else "未设公钥，备份命令会拒绝执行"),
            ("演示数据", "允许虚构人员" if settings.simulation else "不允许"),
        ],
    )
