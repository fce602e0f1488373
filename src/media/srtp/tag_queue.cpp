#include "media/srtp/tag_queue.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace vis::media::srtp {

TagQueue::TagQueue(IMB_MGR* manager) : manager_(manager) {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    Pending& pending = pending_[i];
    IMB_JOB& job = jobs_[i];
    job.hash_alg = IMB_AUTH_HMAC_SHA_1;
    job.auth_tag_output = pending.digest.data();
    job.auth_tag_output_len_in_bytes = kDigestBytes;
    // The library declares these two as bytes and reads them as the words they are.
    job.u.HMAC._hashed_auth_key_xor_ipad =
        reinterpret_cast<const std::uint8_t*>(pending.key.inner.data());
    job.u.HMAC._hashed_auth_key_xor_opad =
        reinterpret_cast<const std::uint8_t*>(pending.key.outer.data());
  }
}

void TagQueue::push(const HmacSha1Key& key, Bytes message, std::uint8_t* tag) {
  Pending& pending = pending_[count_++];
  pending.key = key;
  pending.message = message;
  pending.tag = tag;
  if (count_ == pending_.size()) flush();
}

void TagQueue::flush() {
  if (count_ < kWorthwhile) {
    flush_one_by_one();
  } else {
    flush_together();
  }
  count_ = 0;
}

void TagQueue::flush_one_by_one() {
  for (std::size_t i = 0; i < count_; ++i) {
    const Pending& pending = pending_[i];
    const auto digest = hmac_sha1(pending.key, pending.message);
    std::memcpy(pending.tag, digest.data(), kTagBytes);
  }
}

void TagQueue::flush_together() {
  for (std::size_t i = 0; i < count_; ++i) {
    jobs_[i].src = pending_[i].message.data();
    jobs_[i].msg_len_to_hash_in_bytes = pending_[i].message.size();
  }
  const auto count = static_cast<std::uint32_t>(count_);
  const std::uint32_t done =
      IMB_SUBMIT_HASH_BURST_NOCHECK(manager_, jobs_.data(), count, IMB_AUTH_HMAC_SHA_1);
  VIS_ASSERT(done == count);
  for (std::size_t i = 0; i < count_; ++i) {
    std::memcpy(pending_[i].tag, pending_[i].digest.data(), kTagBytes);
  }
}

}  // namespace vis::media::srtp
