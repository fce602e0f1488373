// A server that gets any datagrams: the input is cut into them by a length byte each. Whatever
// comes, no key leaves, nothing but a handshake is sent, and the association stays bounded.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "media/dtls/endpoint.hpp"

namespace {

namespace dtls = vis::media::dtls;

void check(const dtls::Output& out) {
  VIS_ASSERT(!out.keys && !out.closed && out.application_data.empty());
  for (std::size_t i = 0; i < out.datagrams.size(); ++i) {
    VIS_ASSERT(out.datagrams[i].size() <= dtls::Endpoint::kMtu);
    VIS_ASSERT(dtls::looks_like_dtls(out.datagrams[i]));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto certificate = dtls::Certificate::generate(vis::WallTime{});
  static const dtls::Context context{*certificate};
  dtls::Endpoint endpoint{context};
  dtls::Output out;
  vis::TimePoint now{};
  endpoint.start(now, dtls::Role::Server, out);
  VIS_ASSERT(endpoint.set_remote_fingerprints({&certificate->fingerprint(), 1}, out).has_value());
  vis::ByteReader reader{{data, size}};
  while (!reader.at_end()) {
    // In steps of 8, so that a whole ClientHello fits into one.
    const std::size_t length = std::size_t{reader.u8()} * 8;
    const vis::Bytes datagram = reader.take(std::min(length, reader.remaining()));
    now += vis::Duration{10'000'000};
    out.clear();
    endpoint.on_datagram(now, datagram, out);
    check(out);
    out.clear();
    endpoint.on_deadline(now, out);
    check(out);
  }
  return 0;
}
