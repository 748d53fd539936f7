#include "cmd/commands.h"

const struct option option_table[] = {
	{"output", 'o', "FORMAT[=FILE]", "repeatable, each into its own file"},
	{"platform", 0, "OS/ARCH", "platform of images that have several: linux/amd64, linux/arm64 …"},
	{"at", 0, "FOLDER", "where the application lies in the image (default /app)"},
	{"base-was", 0, "REF", "what the application's image stands on (default: it is looked for)"},
	{"entry", 0, "FILE", "file of the application that is started or loaded; repeatable"},
	{"dockerfile", 0, "FILE", "Dockerfile in APP, which is then built, rewritten, built again and tried"},
	{"env", 'e', "NAME=VALUE", "environment of the application; repeatable"},
	{"cpu", 0, "LEVEL", "processor it shall run on: x86-64-v1 … x86-64-v4 (default: this one's)"},
	{"test", 0, "COMMAND", "command that proves that the application runs; repeatable"},
	{"test-file", 0, "YAML", "tests in container-structure-test's format"},
	{"http", 0, "PORT[/PATH]", "start the entry and ask it over HTTP"},
	{"timeout", 0, "SECONDS", "limit of each test (default 60)"},
	{"memory", 0, "BYTES", "limit of each test (default 2G)"},
	{"network", 0, NULL, "let tests use this machine's network (default: loopback alone)"},
	{"user", 0, "USER", "user that tests run as"},
	{"engine", 0, "ENGINE", "where tests run: builtin (crun or runc, default), docker or podman"},
	{"base", 0, "REF", "candidate; repeatable (default: the catalogue)"},
	{"need", 0, "LIST", "what the base must have: shell, package-manager"},
	{"stage", 0, "STAGE", "production (default) or development: a shell for people who debug"},
	{"max-size", 0, "BYTES", "largest base that is wanted, unpacked: 50M"},
	{"fail-on", 0, "SEVERITY", "exit status 1 with a vulnerability as grave: unknown, negligible, low, medium, high, critical"},
	{"vex", 0, "FILE", "OpenVEX or CSAF document (JSON) that says what does not matter; repeatable"},
	{"only-fixed", 0, NULL, "only vulnerabilities that a newer version mends"},
	{"ignore-file", 0, "YAML", "vulnerabilities that do not count, with reasons (default: .socleignore.yaml here)"},
	{"all", 0, NULL, "pick: try every base that is at hand, not only up to the first that passes; cache prune: everything"},
	{"evidence", 0, "FILE", "write all digests, facts, verdicts and test logs there (JSON)"},
	{"as", 0, "NAME", "catalogue name that the measured base stands for"},
	{"to", 0, "FILE", "where the result goes: measured facts; of pull oci-dir:FOLDER or oci-archive:FILE"},
	{"older-than", 0, "AGE", "prune what was of no use for so long: 30d (default), 12h, 90m"},
	{"in-place", 'i', NULL, "write the digests into the files; mode and owner stay"},
	{"dry-run", 'n', NULL, "show the changes as a unified diff, write nothing"},
	{"check", 0, NULL, "write nothing; exit status 1 where a pin is missing"},
	{"update", 0, NULL, "digests that are older than their tags make way for today's"},
	{"tighten", 0, NULL, "tags that move (none, latest, 3) make way for exact ones with the same digest"},
	{"recursive", 'r', NULL, "folders with all that is in them"},
	{"catalogue", 0, "FILE", "a catalogue of your own instead of the one inside"},
	{"color", 0, "WHEN", "auto (default), always or never"},
	{"source", 0, "URL", "mirror of OSV's bundles that is asked instead: URL/ECOSYSTEM/all.zip or URL/ECOSYSTEM.zip"},
	{"offline", 0, NULL, "no network: neither for socle nor for tests"},
	{"pull", 0, NULL, "also ask registries for the bases that the catalogue only describes"},
	{"mirror", 0, "HOST=URL", "ask URL instead of the registry HOST; repeatable"},
	{"plain-http", 0, "HOST", "registry that may be asked without TLS (this machine's always may)"},
	{"patience", 0, "TRIES[,WAIT[,SILENCE]]", "how often a server is asked in vain, the first wait between, the longest silence (5,500,30000; ms)"},
	{"quiet", 'q', NULL, "no remarks"},
	{"verbose", 'v', NULL, "every finding and where it comes from"},
	{"no-progress", 0, NULL, "no progress lines"},
	{"help", 'h', NULL, "explain the command"},
};
const size_t option_count = sizeof option_table / sizeof *option_table;

#define REGISTRY "offline mirror plain-http patience no-progress"
#define COMMON "output color quiet verbose catalogue platform help " REGISTRY

const struct command command_table[] = {
	{"pick", "APP [--test COMMAND]…",
	 "find the smallest base on which an application really runs",
	 "Weighs the bases of the catalogue (or those named with --base) by size. What must fail is "
	 "ruled out by prediction, with the reason; on the smallest that may hold the application its "
	 "own test runs, and the ladder climbs until one passes. A base that is not at hand stays "
	 "predicted and is named beside the choice. A folder with a Dockerfile is a project: Docker or "
	 "Podman builds it, the Dockerfile is rewritten for the choice, built again, and only what then "
	 "passes the same tests is proposed. Known vulnerabilities of each base stand beside its size; with "
	 "--fail-on a base that reaches the limit, or that cannot be held against it, is passed over. Exit status: 0 a base was found, 1 none fits, "
	 "3 nothing to judge.",
	 COMMON " at base-was entry dockerfile env cpu test test-file http timeout memory network user engine base need stage "
	 "max-size fail-on all pull evidence", "table json evidence dockerfile", cmd_pick},
	{"needs", "APP", "what an application needs, and how that is known",
	 "Lists libraries and symbol versions, interpreters, programs, libraries that are opened by "
	 "name, certificates, time zones, users and the like; each with its evidence and how certain "
	 "it is.",
	 COMMON " at base-was entry", "table json", cmd_needs},
	{"check", "APP [BASE…]", "would it run there, to the symbol",
	 "Emulates the kernel and the dynamic loader of each base, without running or pulling "
	 "anything. Without BASE every base that socle has facts of is checked. Exit status: 0 it "
	 "runs on all, 1 it does not.",
	 COMMON " at base-was entry env cpu pull", "table json", cmd_check},
	{"try", "APP BASE… --test COMMAND", "does it run there: the application's own test, on a base",
	 "Runs tests inside each base under an OCI runtime (crun or runc), or with --engine in Docker or "
	 "Podman: read-only base, the "
	 "application laid over it, no network, default capabilities, limits. What a failing program "
	 "asked for and did not find is observed. Exit status: 0 passed on all, 1 failed.",
	 COMMON " at base-was entry env cpu test test-file http timeout memory network user engine", "table json", cmd_try},
	{"ldd", "IMAGE PATH", "which libraries a file gets there, found by which rule",
	 "The base's own loader, emulated: every library, its path, the rule that found it and who "
	 "needs it. Works for any architecture, runs nothing.",
	 COMMON " env cpu", "table json", cmd_ldd},
	{"ls", "IMAGE [PATH]", "list what is inside an application or a base", "Links are followed inside "
	 "the image, never out of it.", COMMON " recursive", "table json", cmd_ls},
	{"cat", "IMAGE PATH", "print a file of an application or a base", "Links are followed inside the "
	 "image, never out of it.", "platform catalogue quiet verbose color help " REGISTRY, "", cmd_cat},
	{"sizes", "IMAGE…", "sizes of images, with what they share counted once", "Unpacked and "
	 "compressed bytes, files, layers and packages.", COMMON, "table json", cmd_sizes},
	{"sbom", "IMAGE", "what is installed in an application or a base",
	 "Lists packages with their versions by the records of dpkg (also Distroless' status.d), apk "
	 "and Python, by the build information in Go programs, by what cargo-auditable leaves in Rust's "
	 "and by what Java archives, also in one another, say of themselves; well-known programs and "
	 "libraries without any record by the versions in their bytes, as type generic. What a package "
	 "of the distribution brought is not listed twice. Debian's licences are those that the copyright "
	 "files name. "
	 "As CycloneDX 1.6 with package URLs, licences where the records say them, the file that "
	 "tells of each, and the files that each package brought; as SPDX 2.3 without the latter, since "
	 "SPDX wants a SHA-1 of each. The same image gives the same bytes, with SOURCE_DATE_EPOCH for its "
	 "time. sbom:FILE in the place of IMAGE reads CycloneDX or SPDX as JSON, of whatever tool. A "
	 "database that is there and cannot be read is named on standard error, and the document then "
	 "says that it is incomplete.",
	 COMMON, "table cyclonedx-json spdx-json", cmd_sbom},
	{"scan", "IMAGE", "known vulnerabilities of an application or a base",
	 "Holds what is installed against advisories (socle db), by the rules of each distribution and "
	 "language: source packages, releases, version orders, platforms. Tells the snapshot's date, and "
	 "what could not be judged: packages that no advisories at hand speak of are named, never passed "
	 "over. --vex marks what its publisher calls not affected or fixed; it then counts no more. "
	 "sbom:FILE stands for an image whose contents another tool has listed. The table puts "
	 "packages that were built of one source into one row, and tells below it which those are. SARIF "
	 "is for code scanning, CycloneDX the document of socle sbom with its vulnerabilities, Markdown for the comment on a pull request. An ignore file is a YAML list "
	 "of id (any of the vulnerability's names), package (may), reason, and expires (may; the day from "
	 "which on it counts again). What does not count stays in every output but the table and Markdown, "
	 "with the reason; -v shows it in the table. "
	 "Exit status: 0 judged, 1 --fail-on was reached, 3 nothing there that could be judged.",
	 COMMON " base-was fail-on only-fixed ignore-file vex", "table json sarif cyclonedx-json markdown", cmd_scan},
	{"compare", "IMAGE IMAGE…", "images side by side: size, contents, vulnerabilities",
	 "Sizes, files, packages, set-id files, shell, package manager, user and vulnerabilities, and how "
	 "many bytes no record covers: a scanner cannot see them. Every vulnerability of the first image is "
	 "told apart in each other: removed (its package and its files are gone), fixed (a newer version), "
	 "invisible (the files are there and no record of them is: by name, soname or build ID), or the "
	 "same; what only the other has is new. One snapshot of advisories for all of them. -v lists every "
	 "one.",
	 COMMON, "table json", cmd_compare},
	{"db", "update [ECOSYSTEM…] | status | import FILE…", "the advisories that scans ask",
	 "Advisories are OSV records. update brings the bundles that OSV publishes of each ecosystem "
	 "(Debian, Alpine, PyPI, \"Rocky Linux\"), and kev and epss, CISA's catalogue of known exploited "
	 "vulnerabilities and FIRST's EPSS scores; or with --source those of a mirror. Without ECOSYSTEM it "
	 "brings those that are there, and the first time those that most images need. Only what has "
	 "changed is fetched, and a download that was cut is taken up where it was, by the next update at "
	 "the latest. Where one fails, what was there stays, the others are brought, and the exit status is "
	 "2. import takes OSV's bundles (zip), folders, files with one record, an "
	 "array or one a line, also compressed, - for standard input; and CISA's catalogue of known "
	 "exploited vulnerabilities and FIRST's EPSS scores. Each file or folder is a source of its own "
	 "name, and takes the place of the source that had it before, at once: what is read meanwhile sees "
	 "the old one or the new one. A record in two sources counts in its newest state.",
	 "output color quiet verbose help source offline patience no-progress", "table json", cmd_db},
	{"digest", "REF…", "the digest of an image in a registry, without pulling it",
	 "Asks the registry by HEAD, which counts for no pull; of an image for several platforms it is "
	 "the digest of the index, as a FROM line wants it.",
	 "output color quiet verbose catalogue help " REGISTRY, "table json", cmd_digest},
	{"tags", "REPOSITORY", "the tags of a repository in a registry", "In the order that the registry "
	 "gives, all pages of them.", "output color quiet verbose catalogue help " REGISTRY, "table json",
	 cmd_tags},
	{"pull", "REF…", "bring images from registries into the cache",
	 "Fetches the layers of one platform's image, each once, checked while they pass and taken up "
	 "where they were cut; their facts are kept with them. Afterwards --offline works with the "
	 "image everywhere. With --to the images are written as an OCI layout as well.",
	 COMMON " to", "table json", cmd_pull},
	{"push", "IMAGE REF", "bring an image into a registry",
	 "IMAGE is an OCI layout or archive, a docker-archive, or an image in an engine or a registry; REF where it "
	 "shall go. Manifests and layers go as they are, so that digests stay; an index goes with all "
	 "platforms, with --platform one of them alone. What the registry has is not sent again, and "
	 "what another of its repositories has is mounted from there.",
	 COMMON, "table json", cmd_push},
	{"cache", "df | prune", "what is kept on this machine, and throwing it away",
	 "df counts facts, blobs, unpacked roots and the rest. prune removes what was of no use for 30 "
	 "days (--older-than AGE); bases that were assembled or learned stay, and so do advisories, unless --all is given. "
	 "It does not disturb other runs: what they use stays.",
	 "output color quiet verbose all older-than help", "table json", cmd_cache},
	{"lint", "FILE…", "advice on Dockerfiles, with reasons",
	 "Reads Dockerfiles, or with a folder all below it, and tells what makes the image larger, less "
	 "safe or not repeatable, and what its base does not have. Each rule has a name and a page "
	 "under docs/lint. A comment `# socle ignore=NAME reason` above an instruction silences a rule "
	 "there; hadolint's comments count for the rules that match. Exit status: 1 with warnings or "
	 "errors. No registry is asked but with --pull: of bases that socle knows nothing of, and whether "
	 "a digest is that of one platform alone.",
	 "output color quiet verbose catalogue platform help pull " REGISTRY, "table json sarif", cmd_lint},
	{"pin", "FILE…", "write the digests of images into the files that name them",
	 "Finds every reference to an image from outside and puts behind it the digest that its tag means "
	 "today: the index's, good for every platform. The tag stays, and so does every other byte. In "
	 "Dockerfiles: FROM, COPY --from, RUN --mount, the syntax line. In YAML: the values of image, "
	 "docker:// and their like, as compose, Kubernetes and the CI of GitHub and GitLab write them; what "
	 "build makes is left out. A folder stands for its Dockerfiles and for the YAML below it that "
	 "is known by its name, or as a manifest by its content. A pin of one platform's "
	 "manifest is mended; what is put together, templates and variables are reported and left alone; "
	 "so is a tag that moves, unless --tighten is given. "
	 "Without -i nothing is written; - reads standard input and writes the text to standard output. A "
	 "file in which anything goes wrong stays as it is, and a symbolic link is refused. A comment "
	 "`# socle ignore=pin reason` at a reference leaves it alone. Exit status: 1 where --check finds a "
	 "pin missing.",
	 "in-place dry-run check update tighten output color quiet verbose help " REGISTRY, "table json diff",
	 cmd_pin},
	{"bases", "[learn IMAGE | import-official FILE…]", "the catalogue; measure a base; import official tags",
	 "Lists the bases that socle knows, with where its facts come from. `learn` measures an image "
	 "and keeps its facts under a catalogue name (--as NAME). `import-official` turns the library "
	 "files of Docker's official images into catalogue entries.",
	 COMMON " as to", "table json", cmd_bases},
	{"help", "[COMMAND]", "explain socle or one of its commands",
	 "With -o man the manual page in mdoc, with -o bash the completion for bash.",
	 "output help", "table man bash", cmd_help},
};
const size_t command_count = sizeof command_table / sizeof *command_table;
