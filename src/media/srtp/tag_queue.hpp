#pragma once

#include <intel-ipsec-mb.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/limits/media_srtp.hpp"
#include "media/srtp/hmac_sha1.hpp"

namespace vis::media::srtp {

/// AES-CM packets that wait for their tag. HMAC-SHA1 over one packet leaves the vector units nearly
/// idle: ipsec-mb does 16 in the time of one. Keeps copies of the keys, so that a context may go
/// while its packets wait. Owned by Crypto.
class TagQueue final {
 public:
  static constexpr std::size_t kTagBytes = tag_bytes(Profile::Aes128CmHmacSha1_80);

  explicit TagQueue(IMB_MGR* manager);

  /// The tag over `message` will be written to `tag`, which may overlap the end of `message`.
  void push(const HmacSha1Key& key, Bytes message, std::uint8_t* tag);
  void flush();

 private:
  /// ipsec-mb writes twelve bytes where SRTP takes ten.
  static constexpr std::size_t kDigestBytes = 12;
  /// Fewer are done sooner one by one.
  static constexpr std::size_t kWorthwhile = 4;

  struct Pending {
    HmacSha1Key key;
    Bytes message;
    std::uint8_t* tag = nullptr;
    std::array<std::uint8_t, kDigestBytes> digest{};
  };

  void flush_one_by_one();
  void flush_together();

  IMB_MGR* manager_;
  std::size_t count_ = 0;
  std::array<Pending, limits::kSrtpPendingTags> pending_{};
  std::array<IMB_JOB, limits::kSrtpPendingTags> jobs_{};
};

}  // namespace vis::media::srtp
