# Compiler, linker and the flags that every target shares.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

find_program(CCACHE ccache)
if(CCACHE)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # A precompiled header is part of the key; the two sloppiness flags are what ccache asks for.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

# "Dev" keeps assertions and symbols and is quick to build, yet fast enough for real calls.
set(CMAKE_CXX_FLAGS_DEV "-O1 -gline-tables-only")
set(CMAKE_C_FLAGS_DEV "-O1 -gline-tables-only")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -gline-tables-only -D_FORTIFY_SOURCE=2")

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wswitch-enum -Werror
  -Wno-unknown-warning-option -Wno-missing-designated-field-initializers
  -fstack-protector-strong -fno-omit-frame-pointer)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-fuse-ld=mold -Wl,-z,relro,-z,now)

if(VIS_SANITIZE)
  add_compile_options(-fsanitize=${VIS_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIS_SANITIZE})
endif()
if(VIS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Coroutine frames and Asio's templates are shared through one precompiled header per module that
# asks for it (see vis_module(... PCH)).
find_package(Threads REQUIRED)
