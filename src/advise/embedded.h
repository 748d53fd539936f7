/* embedded: files that the program carries inside (tools/embed, meson.build). */
#pragma once

#include <stddef.h>

extern const unsigned char embedded_catalogue_yaml[]; /* data/catalogue.yaml */
extern const size_t embedded_catalogue_yaml_bytes;
extern const unsigned char embedded_official_yaml[]; /* data/official.yaml */
extern const size_t embedded_official_yaml_bytes;
