#include "media/srtp/crypto.hpp"

#include <intel-ipsec-mb.h>

#include "base/assert.hpp"
#include "media/srtp/tag_queue.hpp"

namespace vis::media::srtp {
namespace {

/// The vector units that the library's slowest usable variant needs.
constexpr std::uint64_t kNeededFeatures = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;

IMB_MGR* make_manager() {
  IMB_MGR* const manager = alloc_mb_mgr(0);
  VIS_ASSERT(manager != nullptr);
  init_mb_mgr_auto(manager, nullptr);
  VIS_ASSERT(imb_get_errno(manager) == 0);
  return manager;
}

}  // namespace

Backend Crypto::best_backend() {
  const std::unique_ptr<IMB_MGR, ManagerDeleter> manager{alloc_mb_mgr(0)};
  if (!manager) return Backend::OpenSsl;
  const bool usable = (manager->features & kNeededFeatures) == kNeededFeatures;
  return usable ? Backend::IpsecMb : Backend::OpenSsl;
}

Crypto::Crypto(Backend backend) : backend_(backend) {
  if (backend == Backend::OpenSsl) return;
  manager_.reset(make_manager());
  tags_ = std::make_unique<TagQueue>(manager_.get());
}

Crypto::~Crypto() = default;

void Crypto::ManagerDeleter::operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }

void Crypto::flush() {
  owner_.check();
  if (tags_) tags_->flush();
}

}  // namespace vis::media::srtp
