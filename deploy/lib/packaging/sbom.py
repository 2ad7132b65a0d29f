#!/usr/bin/env python3
"""What the program is made of, as CycloneDX 1.6.

    sbom.py BINARY CHECKOUTS VERSION COMMIT SECONDS > gatehouse.cdx.json

Swift packages come from Package.resolved, their licences from their folders in CHECKOUTS; the Debian libraries are
those that the dynamic linker would load here. SECONDS is the time of the commit: the same build gives the same bytes.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def license_of(folder):
    text = next(path for path in sorted(folder.glob("LICENSE*"))).read_text()
    if "Permission is hereby granted, free of charge" in text:
        return "MIT"
    if "Apache License" in text:
        return "Apache-2.0 WITH Swift-exception" if "Runtime Library Exception" in text else "Apache-2.0"
    sys.exit(f"sbom.py: {folder} has a licence that is not known here: look at it and name it in license_of")


def component(name, version, purl=None, license=None, kind="library", **more):
    fields = {"type": kind, "bom-ref": purl or f"{name}@{version}", "name": name, "version": version, "purl": purl}
    fields["licenses"] = [{"expression": license}] if license else None
    return {key: value for key, value in (fields | more).items() if value is not None}


def swift_packages(checkouts):
    for pin in json.loads(Path("Package.resolved").read_text())["pins"]:
        place = pin["location"].removesuffix(".git").removeprefix("https://")
        version = pin["state"]["version"]
        folder = checkouts / place.rsplit("/", 1)[-1]
        source = [{"type": "vcs", "url": pin["location"], "comment": f"revision {pin['state']['revision']}"}]
        yield component(
            place.rsplit("/", 1)[-1], version, f"pkg:swift/{place}@{version}", license_of(folder),
            externalReferences=source, components=list(within(folder)) or None,
        )  # fmt: skip


def within(folder):
    """C sources that Swift packages carry with them."""
    boring = folder / "Sources/CCryptoBoringSSL/hash.txt"
    if boring.exists():
        revision = re.search(r"[0-9a-f]{40}", boring.read_text())[0]
        yield component("boringssl", revision, f"pkg:generic/boringssl@{revision}", "Apache-2.0")
    yaml = folder / "Sources/CYaml/src/api.c"
    if yaml.exists():
        yield component("libyaml", "bundled with Yams", license="MIT")


def swift_runtime():
    version = re.search(r"Swift version (\S+)", output("swift", "--version"))[1]
    told = "standard library, Dispatch and Foundation, linked statically"
    return component("swift-runtime", version, license="Apache-2.0 WITH Swift-exception", description=told)


class Libraries:
    """The Debian packages with the shared libraries of a program, and which of them needs which."""

    def __init__(self, binary):
        found = re.findall(r"^\s*(\S+) => (\S+)", output("ldd", binary), flags=re.MULTILINE)
        self.package = {name: self.owner(path) for name, path in found}
        self.needs = {package: set() for package in self.package.values()}
        for name, path in found:
            self.needs[self.package[name]] |= set(self.needed(path)) - {self.package[name]}
        self.direct = self.needed(binary)

    def owner(self, path):
        """`/lib` is a link to `/usr/lib`, and the owner may know the file by either name."""
        for name in (os.path.realpath(path), os.path.realpath(path).removeprefix("/usr")):
            answer = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
            if answer.returncode == 0:
                return answer.stdout.split(":")[0]
        sys.exit(f"sbom.py: {path} belongs to no Debian package")

    def needed(self, path):
        names = re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", path))
        return sorted({self.package[name] for name in names if name in self.package})

    def components(self):
        release = re.search(r'^VERSION_ID="?([^"\n]*)', Path("/etc/os-release").read_text(), flags=re.MULTILINE)[1]
        for package in sorted(set(self.package.values())):
            version, arch, source = output(
                "dpkg-query", "-W", "-f", "${Version}\t${Architecture}\t${source:Package}\n", package
            ).split("\n")[0].split("\t")  # fmt: skip
            purl = f"pkg:deb/debian/{package}@{quote(version, safe='')}?arch={arch}&distro=debian-{release}"
            yield component(package, version, purl, description=f"Debian's, of the source package {source}")


def main(binary, checkouts, version, commit, seconds):
    libraries = Libraries(binary)
    swift = list(swift_packages(Path(checkouts))) + [swift_runtime()]
    debian = list(libraries.components())
    reference = {part["name"]: part["bom-ref"] for part in debian}
    program = component("gatehouse", version, f"pkg:generic/gatehouse@{quote(version)}", kind="application")
    edges = {program["bom-ref"]: [part["bom-ref"] for part in swift] + [reference[name] for name in libraries.direct]}
    edges |= {reference[name]: [reference[other] for other in needs] for name, needs in libraries.needs.items()}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'gatehouse:{commit}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": program,
            "properties": [{"name": "gatehouse:commit", "value": commit}],
        },
        "components": swift + debian,
        "dependencies": [{"ref": ref, "dependsOn": sorted(edges[ref])} for ref in sorted(edges)],
    }
    json.dump(document, sys.stdout, indent=2)
    print()


main(*sys.argv[1:])
