"""Images for the tests of the registry client, made byte by byte: an OCI layout with
one image of several layers, one for two platforms with attestations beside them."""
import gzip
import hashlib
import io
import json
import os
import random
import tarfile

OCI = "application/vnd.oci.image."


class Layout:
    def __init__(self, folder):
        self.folder = folder
        self.manifests = []
        os.makedirs(f"{folder}/blobs/sha256")
        with open(f"{folder}/oci-layout", "w") as f:
            f.write('{"imageLayoutVersion":"1.0.0"}')

    def blob(self, data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        with open(f"{self.folder}/blobs/sha256/{digest}", "wb") as f:
            f.write(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def json(self, value, media_type):
        return self.blob(json.dumps(value).encode(), media_type)

    def name(self, descriptor, name):
        self.manifests.append({**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}})
        with open(f"{self.folder}/index.json", "w") as f:
            json.dump({"schemaVersion": 2, "manifests": self.manifests}, f)


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o755, 1700000000
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def noise(seed, size):
    """Bytes that do not pack."""
    return random.Random(seed).randbytes(size)


def image(layout, layers, architecture="amd64"):
    """A manifest's descriptor; `layers` are dictionaries of files, the lowest first."""
    descriptors, diff_ids = [], []
    for files in layers:
        tar = tar_of(files)
        diff_ids.append("sha256:" + hashlib.sha256(tar).hexdigest())
        descriptors.append(layout.blob(gzip.compress(tar, 1, mtime=0), OCI + "layer.v1.tar+gzip"))
    config = layout.json({"os": "linux", "architecture": architecture,
                          "config": {"Env": ["PATH=/bin"]},
                          "history": [{"created_by": "the tests"}] * len(layers),
                          "rootfs": {"type": "layers", "diff_ids": diff_ids}}, OCI + "config.v1+json")
    return layout.json({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                        "config": config, "layers": descriptors}, OCI + "manifest.v1+json")


def packed_image(layout, layers):
    """Likewise, of tars that are packed already."""
    descriptors = [layout.blob(data, OCI + "layer.v1.tar+gzip") for data in layers]
    diff_ids = ["sha256:" + hashlib.sha256(gzip.decompress(data)).hexdigest() for data in layers]
    config = layout.json({"os": "linux", "architecture": "amd64", "config": {},
                          "rootfs": {"type": "layers", "diff_ids": diff_ids}}, OCI + "config.v1+json")
    return layout.json({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                        "config": config, "layers": descriptors}, OCI + "manifest.v1+json")


def index(layout, by_architecture):
    manifests = []
    for architecture, layers in by_architecture.items():
        d = image(layout, layers, architecture)
        manifests.append({**d, "platform": {"os": "linux", "architecture": architecture}})
        attestation = image(layout, [{"sbom.json": b"{}"}], "unknown")
        manifests.append({**attestation, "platform": {"os": "unknown", "architecture": "unknown"},
                          "annotations": {"vnd.docker.reference.type": "attestation-manifest",
                                          "vnd.docker.reference.digest": d["digest"]}})
    return layout.json({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": manifests},
                       OCI + "index.v1+json")
