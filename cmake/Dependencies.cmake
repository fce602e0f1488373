# Third-party libraries, all from Debian 12. Each is fenced to the folders named in
# tools/layers.txt; linking one here makes it available, tools/lint.py keeps it in its place.

find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(Protobuf 3.21 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(USRSCTP REQUIRED IMPORTED_TARGET usrsctp)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)

# Asio and Beast are compiled once, in vis_asio.
add_library(vis_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_compile_definitions(vis_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_include_directories(vis_asio SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
target_link_libraries(vis_asio PUBLIC OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_options(vis_asio PRIVATE -w)

# ipsec-mb and SOCI ship no usable CMake or pkg-config file.
add_library(vis_ipsec_mb INTERFACE)
target_link_libraries(vis_ipsec_mb INTERFACE IPSec_MB)
add_library(vis_soci INTERFACE)
target_include_directories(vis_soci SYSTEM INTERFACE /usr/include/soci /usr/include/postgresql)
target_link_libraries(vis_soci INTERFACE soci_core soci_sqlite3 soci_postgresql sqlite3 pq)
if(VIS_SANITIZE MATCHES "undefined")
  # SOCI exports its classes without the type information that this check reads.
  target_compile_options(vis_soci INTERFACE -fno-sanitize=vptr)
endif()

if(VIS_TESTS)
  find_package(GTest REQUIRED)
  pkg_check_modules(SRTP2 REQUIRED IMPORTED_TARGET libsrtp2)
endif()
