/* What engines deny in effect (Docker's and Podman's default profile, with the
 * default capabilities): written as a list of what is denied, so that a system
 * call that is newer than this file behaves as on the machine itself. */
#include "trial/profile.h"

#include <errno.h>
#include <stdint.h>

#include "trial/watched.h"

/* clang-format off */
static const char *const denied[] = {
	/* mounts and roots */
	"mount", "umount", "umount2", "pivot_root", "fsopen", "fsconfig", "fsmount", "fspick",
	"move_mount", "open_tree", "mount_setattr", "quotactl", "quotactl_fd", "acct",
	"open_by_handle_at", "fanotify_init",
	/* other namespaces */
	"setns", "unshare", "sethostname", "setdomainname",
	/* the kernel itself */
	"init_module", "finit_module", "delete_module", "create_module", "query_module",
	"get_kernel_syms", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "syslog",
	"bpf", "perf_event_open", "lookup_dcookie", "userfaultfd", "_sysctl", "sysfs", "uselib",
	"ustat", "nfsservctl", "kcmp", "io_uring_setup", "io_uring_enter", "io_uring_register",
	/* keys are not in namespaces */
	"keyctl", "add_key", "request_key",
	/* clock, ports, memory placement, old CPU modes */
	"settimeofday", "clock_settime", "clock_settime64", "stime", "iopl", "ioperm",
	"get_mempolicy", "set_mempolicy", "set_mempolicy_home_node", "mbind", "move_pages",
	"migrate_pages", "vm86", "vm86old", "vhangup",
};
/* clang-format on */

/* clone(2): a bit of CLONE_NEWNS … CLONE_NEWNET in flags; they are the second argument on
 * s390 alone. clone3 hides its flags from a filter: ENOSYS sends every libc back to clone. */
#if defined(__s390__)
#define CLONE_FLAGS_ARG 1
#else
#define CLONE_FLAGS_ARG 0
#endif
static const uint64_t new_namespace[] = {0x00020000, 0x02000000, 0x04000000, 0x08000000,
					 0x10000000, 0x20000000, 0x40000000};

/* personality(2): any flag but UNAME26. 0xffffffff asks only, hence "and bit 31 not set". */
static const uint64_t odd_personality[] = {0x0040000, 0x0080000, 0x0100000, 0x0200000, 0x0400000,
					   0x0800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000};

#define AF_VSOCK_VALUE 40 /* reaches the hypervisor past the network namespace */

static json_t *architectures(void)
{
#if defined(__x86_64__)
	return json_pack("[s, s, s]", "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
#elif defined(__aarch64__)
	return json_pack("[s, s]", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
#elif defined(__s390x__)
	return json_pack("[s, s]", "SCMP_ARCH_S390X", "SCMP_ARCH_S390");
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return json_pack("[s]", "SCMP_ARCH_PPC64LE");
#elif defined(__i386__)
	return json_pack("[s]", "SCMP_ARCH_X86");
#elif defined(__arm__)
	return json_pack("[s]", "SCMP_ARCH_ARM");
#elif defined(__riscv) && __riscv_xlen == 64
	return json_pack("[s]", "SCMP_ARCH_RISCV64");
#else
	return json_array(); /* the runtime then takes the native one */
#endif
}

static json_t *deny_masked(const char *call, unsigned arg, uint64_t mask, uint64_t value)
{
	return json_pack("{s:[s], s:s, s:i, s:[{s:i, s:I, s:I, s:s}]}", "names", call, "action",
			 "SCMP_ACT_ERRNO", "errnoRet", EPERM, "args", "index", (int)arg, "value",
			 (json_int_t)mask, "valueTwo", (json_int_t)value, "op",
			 "SCMP_CMP_MASKED_EQ");
}

static void append_denied(json_t *rules)
{
	json_t *names = json_array();
	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
		json_array_append_new(names, json_string(denied[i]));
	json_array_append_new(rules, json_pack("{s:o, s:s, s:i}", "names", names, "action",
					       "SCMP_ACT_ERRNO", "errnoRet", EPERM));
	json_array_append_new(rules, json_pack("{s:[s], s:s, s:i}", "names", "clone3", "action",
					       "SCMP_ACT_ERRNO", "errnoRet", ENOSYS));
	for (size_t i = 0; i < sizeof new_namespace / sizeof *new_namespace; i++)
		json_array_append_new(rules, deny_masked("clone", CLONE_FLAGS_ARG, new_namespace[i],
							 new_namespace[i]));
	for (size_t i = 0; i < sizeof odd_personality / sizeof *odd_personality; i++)
		json_array_append_new(rules, deny_masked("personality", 0,
							 0x80000000u | odd_personality[i],
							 odd_personality[i]));
	json_array_append_new(rules, deny_masked("socket", 0, UINT32_MAX, AF_VSOCK_VALUE));
}

static void append_watched(json_t *rules)
{
	json_t *names = json_array();
	for (size_t i = 0; i < watched_count; i++)
		json_array_append_new(names, json_string(watched_calls[i].name));
	json_array_append_new(rules,
			      json_pack("{s:o, s:s}", "names", names, "action", "SCMP_ACT_NOTIFY"));
}

json_t *profile_make(enum profile_level level, const char *listener_path)
{
	if (level == PROFILE_NONE)
		return NULL;
	json_t *rules = json_array();
	append_denied(rules);
	json_t *p = json_pack("{s:s, s:o, s:o}", "defaultAction", "SCMP_ACT_ALLOW", "architectures",
			      architectures(), "syscalls", rules);
	if (level <= PROFILE_WATCH) {
		append_watched(rules);
		json_object_set_new(p, "listenerPath", json_string(listener_path));
	}
	if (level == PROFILE_WATCH_KILLABLE)
		json_object_set_new(p, "flags",
				    json_pack("[s]", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"));
	return p;
}
