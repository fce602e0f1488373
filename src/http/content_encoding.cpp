#include "http/content_encoding.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "http/headers.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

constexpr int kGzipLevel = 6;
constexpr int kGzipWindowBits = 15 + 16;  ///< 16 asks zlib for the gzip wrapping.
constexpr int kGzipMemoryLevel = 8;
constexpr int kBrotliQuality = 6;

/// Whether the parameters of a coding give it a weight of zero: `q=0`, `q=0.000`.
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = trim(take_until(parameters, ';'));
    const std::string_view name = take_until(value, '=');
    if (equals_ignoring_case(trim(name), "q")) {
      return trim(value).find_first_not_of("0.") == std::string_view::npos;
    }
  }
  return false;
}

}  // namespace

std::string_view to_string(ContentEncoding encoding) {
  switch (encoding) {
    case ContentEncoding::Identity: return "";
    case ContentEncoding::Gzip: return "gzip";
    case ContentEncoding::Brotli: return "br";
  }
  std::unreachable();
}

bool accepts(std::string_view accept_encoding, ContentEncoding encoding) {
  if (encoding == ContentEncoding::Identity) return true;
  bool by_star = false;
  while (!accept_encoding.empty()) {
    std::string_view parameters = take_until(accept_encoding, ',');
    const std::string_view name = trim(take_until(parameters, ';'));
    if (equals_ignoring_case(name, to_string(encoding))) return !is_refused(parameters);
    if (name == "*") by_star = !is_refused(parameters);
  }
  return by_star;
}

std::string gzip_compress(std::string_view plain) {
  z_stream zlib = {};
  VIS_ASSERT(deflateInit2(&zlib, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kGzipMemoryLevel,
                          Z_DEFAULT_STRATEGY) == Z_OK);
  std::string compressed(deflateBound(&zlib, plain.size()), '\0');
  // zlib reads through a pointer to non-const but does not write.
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  zlib.avail_in = static_cast<uInt>(plain.size());
  zlib.next_out = reinterpret_cast<Bytef*>(compressed.data());
  zlib.avail_out = static_cast<uInt>(compressed.size());
  VIS_ASSERT(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
  compressed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return compressed;
}

std::string brotli_compress(std::string_view plain) {
  std::size_t size = BrotliEncoderMaxCompressedSize(plain.size());
  std::string compressed(size, '\0');
  const Bytes input = as_bytes(plain);
  const BROTLI_BOOL done = BrotliEncoderCompress(
      kBrotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_DEFAULT_MODE, input.size(), input.data(), &size,
      reinterpret_cast<std::uint8_t*>(compressed.data()));
  VIS_ASSERT(done == BROTLI_TRUE);
  compressed.resize(size);
  return compressed;
}

}  // namespace vis::http
