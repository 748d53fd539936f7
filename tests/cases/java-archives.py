#!/usr/bin/env python3
"""Java archives for sbom.case:  java-archives.py FOLDER"""
import io
import pathlib
import sys
import zipfile


def jar(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


root = pathlib.Path(sys.argv[1])
library = jar({"META-INF/maven/org.a/b/pom.properties": "groupId=org.a\nartifactId=b\nversion=1.0\n"})
core = jar({"META-INF/MANIFEST.MF": "Implementation-Title: spring-core\n"})
(root / "usr/share/java/b.jar").write_bytes(library)
(root / "app/x.jar").write_bytes(jar({
    "BOOT-INF/lib/b-1.0.jar": library,
    "BOOT-INF/lib/spring-core-5.3.9.jar": core,
    "BOOT-INF/lib/x.jar": "x",
}))
