#include "http/websocket_deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "http/headers.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

constexpr int kRawWindowBits = -15;  ///< Negative: without zlib's own header.
constexpr int kLevel = 3;
constexpr int kMemoryLevel = 5;
/// A sync flush ends with this empty block, which is cut off on the wire (RFC 7692 7.2.1).
constexpr std::string_view kTail("\x00\x00\xFF\xFF", 4);

void set_input(z_stream& zlib, std::string_view input) {
  // zlib reads through a pointer to non-const but does not write.
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  zlib.avail_in = static_cast<uInt>(input.size());
}

bool is_acceptable_parameter(std::string_view parameter) {
  const std::string_view name = trim(take_until(parameter, '='));
  // We always use the largest window, which server_max_window_bits may forbid.
  return equals_ignoring_case(name, "server_no_context_takeover") ||
         equals_ignoring_case(name, "client_no_context_takeover") ||
         equals_ignoring_case(name, "client_max_window_bits");
}

bool is_acceptable_offer(std::string_view offer) {
  if (!equals_ignoring_case(trim(take_until(offer, ';')), "permessage-deflate")) return false;
  while (!offer.empty()) {
    if (!is_acceptable_parameter(trim(take_until(offer, ';')))) return false;
  }
  return true;
}

}  // namespace

bool accepts_deflate_offer(std::string_view extensions) {
  while (!extensions.empty()) {
    if (is_acceptable_offer(take_until(extensions, ','))) return true;
  }
  return false;
}

struct Inflater::State {
  z_stream zlib = {};

  State() { VIS_ASSERT(inflateInit2(&zlib, kRawWindowBits) == Z_OK); }
  ~State() { inflateEnd(&zlib); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Inflater::Inflater() = default;
Inflater::~Inflater() = default;

Result<std::string> Inflater::inflate(std::string_view compressed, std::size_t bytes_max) {
  if (!state_) state_ = std::make_unique<State>();
  z_stream& zlib = state_->zlib;
  inflateReset(&zlib);
  std::string plain;
  std::array<char, 16 * 1024> buffer;
  for (const std::string_view input : {compressed, kTail}) {
    set_input(zlib, input);
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(buffer.data());
      zlib.avail_out = static_cast<uInt>(buffer.size());
      const int status = ::inflate(&zlib, Z_SYNC_FLUSH);
      const bool sound = status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR;
      if (!sound) return fail(Errc::InvalidArgument, "broken deflate data");
      plain.append(buffer.data(), buffer.size() - zlib.avail_out);
      if (plain.size() > bytes_max) return fail(Errc::LimitExceeded, "too long once inflated");
      if (status == Z_STREAM_END) return plain;
    } while (zlib.avail_out == 0);
  }
  return plain;
}

struct Deflater::State {
  z_stream zlib = {};

  State() {
    VIS_ASSERT(deflateInit2(&zlib, kLevel, Z_DEFLATED, kRawWindowBits, kMemoryLevel,
                            Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~State() { deflateEnd(&zlib); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Deflater::Deflater() = default;
Deflater::~Deflater() = default;

std::string Deflater::deflate(std::string_view plain) {
  if (!state_) state_ = std::make_unique<State>();
  z_stream& zlib = state_->zlib;
  deflateReset(&zlib);
  set_input(zlib, plain);
  std::string compressed;
  std::array<char, 16 * 1024> buffer;
  do {
    zlib.next_out = reinterpret_cast<Bytef*>(buffer.data());
    zlib.avail_out = static_cast<uInt>(buffer.size());
    ::deflate(&zlib, Z_SYNC_FLUSH);
    compressed.append(buffer.data(), buffer.size() - zlib.avail_out);
  } while (zlib.avail_out == 0);
  VIS_ASSERT(compressed.ends_with(kTail));
  compressed.resize(compressed.size() - kTail.size());
  return compressed;
}

}  // namespace vis::http
