"""A filled form sent in chunks, without a length, arrives whole under each web server that we name."""

import http.client
from collections.abc import Iterator

import pytest

from tests.edges.collect import digest_header
from tests.odk.conftest import District
from tests.odk.servers import COMMANDS, Site, running
from tests.world import picture

PATH = "/openrosa/submission"
BOUNDARY = "----------4V0k"
CHUNKED = {"Transfer-Encoding": "chunked", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
LIMIT_MB = 1


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def site(
    request: pytest.FixtureRequest, district: District, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The site under one server, uploads of a megabyte at most."""
    with running(
        request.param, *district, tmp_path_factory.mktemp("site"), CHUANGWEN_UPLOAD_MAX_MB=str(LIMIT_MB)
    ) as one:
        yield one


def _part(name: str, kind: str, data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def body(site: Site, photo: bytes) -> bytes:
    """A multipart upload of a form with one failed criterion and its picture."""
    xml = (
        f"<data id='{site.known['form_id']}' version='1'><site>{site.known['site']}</site><c_RES_10><c_RES_10_verdict>fail"
        "</c_RES_10_verdict><c_RES_10_note>堆物</c_RES_10_note><c_RES_10_photo>楼道.jpg</c_RES_10_photo></c_RES_10>"
        "<rest_passes>OK</rest_passes><meta><instanceID>uuid:chunked</instanceID></meta></data>"
    )
    parts = _part("xml_submission_file", "text/xml", xml.encode()) + _part("楼道.jpg", "image/jpeg", photo)
    return parts + f"--{BOUNDARY}--\r\n".encode()


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()


def authorization(site: Site, method: str, path: str) -> dict[str, str]:
    """The log-in for one request, after the challenge to a HEAD."""
    link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    link.request("HEAD", path)
    answer = link.getresponse()
    answer.read()
    link.close()
    known = site.known
    header = digest_header(answer.headers["WWW-Authenticate"], method, path, known["username"], known["password"])
    return {"Authorization": header}


def request(site: Site, method: str, path: str, pieces: list[bytes] | None = None) -> Answer:
    """One request with Digest log-in, its body in chunks."""
    headers = authorization(site, method, path) | (CHUNKED if pieces is not None else {})
    link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    link.request(method, path, body=iter(pieces) if pieces is not None else None, headers=headers, encode_chunked=True)
    answer = Answer(link.getresponse())
    link.close()
    return answer


def break_off(site: Site, whole: bytes) -> None:
    """An upload that ends in the middle of its first chunk."""
    link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    link.putrequest("POST", PATH)
    for name, value in (*authorization(site, "POST", PATH).items(), *CHUNKED.items()):
        link.putheader(name, value)
    link.endheaders()
    link.send(b"%x\r\n" % len(whole) + whole[: len(whole) // 2])
    link.close()


def in_pieces(data: bytes, size: int) -> list[bytes]:
    """The data cut into chunks."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_a_form_sent_in_chunks_becomes_findings(site: Site) -> None:
    whole = body(site, picture(size=(1200, 900)))
    break_off(site, whole)
    answer = request(site, "POST", PATH, in_pieces(whole, 700))
    assert answer.status == 201, answer.text
    assert len(answer.headers.get_all("Date") or []) == 1
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert site.count("select count(*) from patrols_finding") == 3
    assert site.count("select count(*) from patrols_findingphoto") == 1
    assert site.count("select count(*) from cases_case") == 1
    assert request(site, "POST", PATH, [whole]).status == 202
    assert site.count("select count(*) from submissions_submission") == 1


def test_chunks_over_the_limit_are_refused_with_a_sentence(site: Site) -> None:
    before = site.count("select count(*) from submissions_submission")
    answer = request(site, "POST", PATH, in_pieces(b"x" * (LIMIT_MB * 1024 * 1024 + 1), 65536))
    assert answer.status == 413
    assert "不能超过 1 MB" in answer.text
    assert "OpenRosaResponse" in answer.text
    assert site.count("select count(*) from submissions_submission") == before


def test_the_head_request_is_answered_without_a_body(site: Site) -> None:
    answer = request(site, "HEAD", PATH)
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == str(LIMIT_MB * 1024 * 1024)
