"""The container file and the Kubernetes manifests, as far as they can be judged without a registry and a cluster."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from harness import BINARY

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
CONTAINERFILE = DEPLOY / "container/Containerfile"


class Manifest:
    """The objects of a file by their kind; each kind comes once."""

    def __init__(self, path):
        self.objects = list(yaml.safe_load_all(path.read_text()))
        self.kind = {each["kind"]: each for each in self.objects}
        assert len(self.kind) == len(self.objects)
        self.pod = self.kind["StatefulSet"]["spec"]["template"]
        self.containers = {each["name"]: each for each in self.pod["spec"].get("initContainers", []) + self.pod["spec"]["containers"]}
        self.configuration = yaml.safe_load(self.kind["ConfigMap"]["data"]["gatehouse.yaml"])


@pytest.fixture(params=MANIFESTS, ids=lambda path: path.stem)
def manifest(request):
    return Manifest(request.param)


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_kubernetes_knows_every_field(manifest, version):
    """The oldest that the manifests ask for, and a new one. `strict`: a field that the schema does not have is a mistake."""
    for each in manifest.objects:
        kubernetes_validate.validate(each, version, strict=True)


def test_gatehouse_takes_the_configuration(manifest, tmp_path):
    for name, text in manifest.kind["ConfigMap"]["data"].items():
        (tmp_path / name).write_text(text)
    done = subprocess.run([BINARY, "check", "--config", str(tmp_path / "gatehouse.yaml")], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_the_parts_find_each_other(manifest):
    labels = manifest.pod["metadata"]["labels"].items()
    selectors = [manifest.kind["Service"]["spec"]["selector"], manifest.kind["StatefulSet"]["spec"]["selector"]["matchLabels"]]
    selectors += [manifest.kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]]
    assert all(selector.items() <= labels for selector in selectors)
    gatehouse = manifest.containers["gatehouse"]
    ports = {port["name"]: port["containerPort"] for port in gatehouse["ports"]}
    for plane, port in (("data", ports["models"]), ("operations", ports["operations"])):
        assert manifest.configuration["listeners"][plane] == [f"0.0.0.0:{port}"]
    used = [gatehouse[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
    used += [port["port"] for rule in manifest.kind["NetworkPolicy"]["spec"]["ingress"] for port in rule["ports"]]
    used += [port["targetPort"] for port in manifest.kind["Service"]["spec"]["ports"]]
    assert set(used) == set(ports)
    claims = {claim["metadata"]["name"] for claim in manifest.kind["StatefulSet"]["spec"]["volumeClaimTemplates"]}
    volumes = claims | {volume["name"] for volume in manifest.pod["spec"]["volumes"]}
    mounts = [mount for each in manifest.containers.values() for mount in each["volumeMounts"]]
    assert {mount["name"] for mount in mounts} == volumes
    assert any(Path(mount["mountPath"]) in Path(manifest.configuration["state"]).parents for mount in mounts)


def test_a_pod_has_the_time_that_a_drain_takes(manifest):
    drain = [int(manifest.configuration["drain"][key].removesuffix("s")) for key in ("delay", "timeout")]
    assert manifest.pod["spec"]["terminationGracePeriodSeconds"] >= sum(drain) + 10


def test_no_container_may_do_more_than_it_must(manifest):
    assert manifest.pod["spec"]["automountServiceAccountToken"] is False
    user = re.search(r"^USER (\d+):\1$", CONTAINERFILE.read_text(), re.MULTILINE)[1]
    security = manifest.pod["spec"]["securityContext"]
    assert (security["runAsNonRoot"], str(security["runAsUser"]), str(security["fsGroup"])) == (True, user, user)
    for container in manifest.containers.values():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True,
        }  # fmt: skip


def test_the_network_opens_the_way_to_backends_and_resolver_only(manifest):
    egress = manifest.kind["NetworkPolicy"]["spec"]["egress"]
    hosts = [backend["url"] for backend in manifest.configuration["backends"].values()]
    if all("127.0.0.1" in host for host in hosts):
        assert egress == []
    else:
        assert {port["port"] for rule in egress for port in rule["ports"]} == {11434, 53}
        assert all("ipBlock" not in peer for rule in egress for peer in rule["to"])


def test_the_container_file_has_no_faults():
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists() and not shutil.which("hadolint"):
        pytest.fail("hadolint is not installed: deploy/test installs what Tests/EndToEnd/requirements.txt names")
    done = subprocess.run([hadolint, "--failure-threshold", "style", CONTAINERFILE], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
