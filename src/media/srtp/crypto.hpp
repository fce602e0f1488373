#pragma once

#include <cstdint>
#include <memory>

#include "base/limits/media_srtp.hpp"
#include "base/owner_thread.hpp"

struct IMB_MGR;

namespace vis::media::srtp {

class TagQueue;

/// Who does the ciphers.
enum class Backend : std::uint8_t {
  IpsecMb,  ///< Intel's multi-buffer library: the fast one.
  OpenSsl,  ///< Where the processor lacks AES instructions, and the second opinion in tests.
};

/// The cipher engine of one thread. Contexts made with it stay on that thread and must not outlive
/// it. Owned by the media worker.
///
/// The authentication tags of AES-CM packets are computed many at a time, so a packet given to
/// `OutboundContext::protect_rtp` may lack its tag until `flush()`, or until
/// limits::kSrtpPendingTags are waiting. Call `flush()` before datagrams leave; until then their
/// bytes must stay where they are and as they are. AEAD packets are final at once.
class Crypto final {
 public:
  /// IpsecMb when this processor can run it, else OpenSsl.
  static Backend best_backend();

  explicit Crypto(Backend backend = best_backend());
  Crypto(const Crypto&) = delete;
  Crypto& operator=(const Crypto&) = delete;
  ~Crypto();

  Backend backend() const { return backend_; }
  void flush();

 private:
  friend class AesCm;
  friend class AesGcm;
  friend class OutboundContext;
  friend class InboundContext;

  struct ManagerDeleter {
    void operator()(IMB_MGR* manager) const;
  };

  Backend backend_;
  std::unique_ptr<IMB_MGR, ManagerDeleter> manager_;  ///< Null with OpenSsl, as is the queue.
  std::unique_ptr<TagQueue> tags_;
  OwnerThread owner_;
};

}  // namespace vis::media::srtp
