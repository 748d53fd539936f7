/* limits: every bound that hostile input meets, in one place.
 *
 * Each is far above what real images hold and far below what would hurt. */
#pragma once

#define LIMIT_PATH_BYTES 4096u            /* PATH_MAX; a longer name cannot be opened anyway */
#define LIMIT_NAME_BYTES 255u             /* NAME_MAX */
#define LIMIT_SYMLINKS 40u                /* MAXSYMLINKS of the kernel, fs/namei.c */
#define LIMIT_TREE_DEPTH 4096u            /* folders in folders, once links have been followed */
#define LIMIT_LINK_ROUNDS 40u             /* hard links that stand before what they mean */
#define LIMIT_LAYER_ENTRIES 4000000u      /* entries of one layer */
#define LIMIT_LAYER_BYTES (64ull << 30)   /* unpacked bytes of one layer */
#define LIMIT_INDEX_MANIFESTS 1000u       /* that are copied together */
#define LIMIT_LAYERS 256u                 /* overlayfs takes fewer */
#define LIMIT_KEPT_FILE_BYTES (16u << 20) /* a small file that facts keep whole */
#define LIMIT_KEPT_DATABASE_BYTES (128u << 20) /* RPM's: some 100 KB a package, its changes and files */
#define LIMIT_KEPT_SCRIPT_BYTES (64u << 10)
#define LIMIT_CARGO_AUDIT_BYTES (8u << 20) /* the unpacked list; PARSING.md advises a limit of 8 MiB */
#define LIMIT_GIST_BYTES (4u << 20)       /* what is kept of an archive or another large file */
#define LIMIT_ARCHIVE_BYTES (2ull << 30)  /* a Java archive that is looked into */
#define LIMIT_ARCHIVE_DEPTH 4u            /* archives in one another; a fat jar in a web archive has 3 */
#define LIMIT_ARCHIVE_ENTRIES 1000000u    /* of one archive with all that it holds */
#define LIMIT_ARCHIVE_CLASSES 2000u       /* of which the version is read; compilers give all the same */
#define LIMIT_ARCHIVE_TEXT_BYTES (64u << 10) /* of a manifest; what follows is of single files */
#define LIMIT_ARCHIVE_UNPACKED_BYTES (64ull << 20) /* and LIMIT_ARCHIVE_RATIO times the archive */
#define LIMIT_ARCHIVE_RATIO 8u            /* archives in an archive pack no further */
#define LIMIT_COPYRIGHT_BYTES (1u << 20)  /* Chromium's has 200 KiB */
#define LIMIT_ELF_BYTES (2ull << 30)      /* one ELF object */
#define LIMIT_ELF_SYMBOLS 4000000u        /* chromium exports some 100,000 */
#define LIMIT_ELF_ENTRIES 65536u          /* dynamic tags, version records, program headers */
#define LIMIT_ELF_STRINGS (64u << 20)     /* bytes of names in one object's facts */
#define LIMIT_JSON_BYTES (64u << 20)      /* manifests, configurations, indexes */
#define LIMIT_JSON_DEPTH 100u
#define LIMIT_INDEX_DEPTH 4u              /* an index in an index */
#define LIMIT_TEXT_FILE_BYTES (4u << 20)  /* catalogue, test file, configuration */
#define LIMIT_RECORD_BYTES (1u << 30)     /* one facts record */
#define LIMIT_DEPENDENCIES 4096u          /* objects in one emulated process */
#define LIMIT_SCRIPT_DEPTH 5u             /* #! chains: fs/exec.c, BINPRM rewrite depth */
#define LIMIT_SHEBANG_BYTES 256u          /* BINPRM_BUF_SIZE */
#define LIMIT_TRIAL_OUTPUT_BYTES (1u << 20)
#define LIMIT_TRIAL_CONTENT_BYTES (4u << 20) /* a file that a content test reads */
#define LIMIT_TRIAL_MISSES 4096u          /* different paths that one test did not find */
#define LIMIT_TRIAL_NAMES (4u << 20)      /* bytes of those paths */
#define LIMIT_TRIAL_FRAME_BYTES (16u << 20) /* one result on its way back */
#define LIMIT_TRIAL_TESTS 100000u
#define LIMIT_ACCOUNT_FILE_BYTES (1u << 20) /* passwd, group */
#define LIMIT_ACCOUNT_GROUPS 64u          /* supplementary groups; the kernel takes 65536 */
#define LIMIT_HTTP_HEAD_BYTES 16384u      /* a probe's status line and what follows it */
#define LIMIT_YAML_NODES 200000u          /* visited, aliases counted each time */
#define LIMIT_DOCKERFILE_BYTES (16u << 20)
#define LIMIT_DOCKERFILE_TOKENS 2000000u     /* words of one file */
#define LIMIT_DOCKERFILE_NESTING 64u         /* ${a:-${b:-…}}, arrays in arrays */
#define LIMIT_DOCKERFILE_VALUE_BYTES 16384u  /* an expanded value: ARGs double one another */
#define LIMIT_DOCKERFILE_PATTERN 256u        /* characters of ${x#pattern} */
#define LIMIT_DOCKERFILE_STEPS (32ull << 20)  /* of expansion, in one file */
#define LIMIT_YAML_BYTES (16u << 20)         /* a file whose images are looked for */
#define LIMIT_PIN_REFERENCES 100000u         /* images that one file names */
#define LIMIT_YAML_DEPTH 200u                /* mappings and sequences in one another */
#define LIMIT_IGNORE_RULES 10000u          /* patterns of one .dockerignore */
#define LIMIT_HTTP_ANSWER_HEAD_BYTES 131072u /* status line and headers of a registry's answer */
#define LIMIT_HTTP_HEADER_BYTES 8192u     /* WWW-Authenticate, Link: one value */
#define LIMIT_HTTP_REDIRECTS 5u           /* a registry and the store behind it need one or two */
#define LIMIT_MANIFEST_BYTES (4u << 20)   /* distribution-spec: what a registry takes at least */
#define LIMIT_ENGINE_ANSWER_BYTES (16u << 20) /* a container engine's answer: thousands of images */
#define LIMIT_ENGINE_SLACK_BYTES (2ull << 30) /* what an engine may send beyond the size that it says */
#define LIMIT_TOKEN_BYTES (1u << 20)      /* the answer of a token server */
#define LIMIT_TAG_PAGES 10000u
#define LIMIT_TAG_PAGE_BYTES (16u << 20)  /* some registries send all tags, and manifests with them */
#define LIMIT_TAGS 1000000u
#define LIMIT_TAGS_BYTES (64u << 20)      /* of one repository */
#define LIMIT_AUTH_FILE_BYTES (1u << 20)  /* config.json, auth.json, a helper's answer */
#define LIMIT_CERTIFICATES_BYTES (16u << 20) /* all that is trusted for one host */
#define LIMIT_PURL_BYTES 8192u /* of one package URL */
#define LIMIT_LICENSE_BYTES 4096u /* of an expression of licences */
#define LIMIT_VERSION_PARTS 128u /* of one version; what stands behind them says nothing */
#define LIMIT_LINT_CALLS 100000u    /* commands of one file that are looked at */
#define LIMIT_LINT_FINDINGS 10000u  /* of one file, and comments that ignore some; the rest is left out */
#define LIMIT_LINT_PACKAGES 256u    /* of one stage; with more, any command may be there */
#define LIMIT_ADVISORIES_BYTES (64u << 20)         /* one file of advisories, or one in an archive */
#define LIMIT_ADVISORIES_TOTAL_BYTES (64ull << 30) /* of one source: OSV's largest has some 3 GB */
#define LIMIT_BUNDLE_BYTES (8ull << 30)            /* one that is brought: OSV's have up to 1 GB */
#define LIMIT_SOURCES 1000u                        /* of advisories, in one folder */
