/* embedded: files that the program carries inside (tools/embed, meson.build). */
#pragma once

extern const char embedded_catalogue_yaml[], embedded_catalogue_yaml_end[];
extern const char embedded_official_yaml[], embedded_official_yaml_end[];
