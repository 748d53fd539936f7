/* fields: the plain fields of struct elf_object, listed once for the copy and
 * the codec, so that neither forgets one. imports, exports and version_needs
 * are records and handled by name. Private to src/elf/. */
#pragma once

#define ELF_NUMBER_FIELDS(X)                                                                       \
	X(class_bits)                                                                              \
	X(big_endian)                                                                              \
	X(osabi)                                                                                   \
	X(abi_version)                                                                             \
	X(machine)                                                                                 \
	X(type)                                                                                    \
	X(flags)                                                                                   \
	X(has_interp)                                                                              \
	X(has_dynamic)                                                                             \
	X(has_load)                                                                                \
	X(stack)                                                                                   \
	X(tls_size_bytes)                                                                          \
	X(tls_align_bytes)                                                                         \
	X(writable_code)                                                                           \
	X(min_load_align)                                                                          \
	X(dt_flags)                                                                                \
	X(dt_flags_1)                                                                              \
	X(bind_now)                                                                                \
	X(symbolic)                                                                                \
	X(text_relocations)                                                                        \
	X(has_dt_debug)                                                                            \
	X(has_gnu_hash)                                                                            \
	X(has_sysv_hash)                                                                           \
	X(has_relr)                                                                                \
	X(has_irelative)                                                                           \
	X(has_versym)                                                                              \
	X(has_verneed)                                                                             \
	X(has_verdef)                                                                              \
	X(static_tls_local)                                                                        \
	X(x86_isa_needed)                                                                          \
	X(is_glibc_loader)                                                                         \
	X(is_musl)

#define ELF_STRING_FIELDS(X)                                                                       \
	X(interp)                                                                                  \
	X(soname)                                                                                  \
	X(rpath)                                                                                   \
	X(runpath)                                                                                 \
	X(build_id)                                                                                \
	X(go_build_info)                                                                           \
	X(cargo_audit)                                                                             \
	X(packer)                                                                                  \
	X(libc_banner)

#define ELF_LIST_FIELDS(X)                                                                         \
	X(needed)                                                                                  \
	X(filters)                                                                                 \
	X(auxiliaries)                                                                             \
	X(version_defs)                                                                            \
	X(dlopen)                                                                                  \
	X(system_dirs)                                                                             \
	X(name_strings)                                                                            \
	X(path_strings)
