#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "media/srtp/crypto.hpp"
#include "media/srtp/inbound_context.hpp"

namespace {

using namespace vis;
using namespace vis::media::srtp;

/// Nobody who lacks the key can make a packet that is let in; so none may be, and none may change
/// what is known of the stream. The output is as long as the input, for the sanitizer to watch.
template <typename Stream, typename Unprotect>
void expect_refusal(Bytes packet, const Unprotect& unprotect) {
  Stream stream;
  stream.received.mark(70'000);
  std::vector<std::uint8_t> out(packet.size());
  if (unprotect(stream, packet, MutableBytes{out})) std::abort();
  if (stream.received.highest() != 70'000) std::abort();
}

void run(InboundContext& context, Bytes packet) {
  expect_refusal<InboundStream>(packet, [&](auto& stream, Bytes in, MutableBytes out) {
    return context.unprotect_rtp(stream, in, out).has_value();
  });
  expect_refusal<InboundRtcpStream>(packet, [&](auto& stream, Bytes in, MutableBytes out) {
    return context.unprotect_rtcp(stream, in, out).has_value();
  });
}

struct Contexts {
  explicit Contexts(Backend backend) : crypto(backend) {}

  Crypto crypto;
  InboundContext gcm{crypto, SessionKeys::derive(Profile::AeadAes128Gcm, MasterKey{})};
  InboundContext cm{crypto, SessionKeys::derive(Profile::Aes128CmHmacSha1_80, MasterKey{})};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<Contexts, 2> both{Contexts{Backend::IpsecMb}, Contexts{Backend::OpenSsl}};
  for (Contexts& contexts : both) {
    run(contexts.gcm, Bytes{data, size});
    run(contexts.cm, Bytes{data, size});
  }
  return 0;
}
