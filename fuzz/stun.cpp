// Any datagram: parsing stays inside it, what it yields can be used, and what parses is STUN.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/limits/media_stun.hpp"
#include "media/stun/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace stun = vis::media::stun;
  const vis::Bytes datagram{data, size};
  const auto message = stun::Message::parse(datagram);
  if (!message) return 0;
  VIS_ASSERT(stun::looks_like_stun(datagram));
  const stun::IntegrityKey key{message->username.value_or("")};
  if (message->verify_integrity(key)) VIS_ASSERT(message->integrity_at.has_value());
  if (message->verify_fingerprint()) VIS_ASSERT(message->fingerprint_at.has_value());
  if (message->username) VIS_ASSERT(message->username->size() <= vis::limits::kStunUsernameBytes);
  VIS_ASSERT(message->unknown_required().size() <= vis::limits::kStunUnknownAttributes);
  return 0;
}
