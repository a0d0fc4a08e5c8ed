"""Static files, the page of a refusal, and the description of the API."""

import re

from tests.callers import Web


def test_files_are_kept_for_good_under_the_address_that_names_their_content(web: Web) -> None:
    page = web.client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 3
    for address in addresses:
        file = web.client.get(address)
        assert file.status_code == 200
        assert file.headers["content-encoding"] == "gzip"
        assert "immutable" in file.headers["cache-control"]
        assert web.client.get(address, headers={"Accept-Encoding": "identity"}).content == file.content
    assert web.client.get("/static/tabler.min.css").status_code == 404


def test_a_refusal_is_a_page_for_a_browser_and_json_for_a_program(web: Web) -> None:
    page = web.client.get("/nowhere", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有这个地址" in page.text
    assert web.client.get("/nowhere").json()["error"] == "no_such_address"


def test_the_api_is_described_without_scripts_or_a_network(web: Web) -> None:
    page = web.client.get("/schema")
    assert "/api/v1/applications/{application_id}/submit" in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text

    described = web.client.get("/schema/openapi.json").json()
    submit = described["paths"]["/api/v1/applications/{application_id}/submit"]["post"]
    assert {"401", "403", "404", "409", "422"} <= set(submit["responses"])
    assert any(parameter["name"].lower() == "idempotency-key" for parameter in submit["parameters"])
