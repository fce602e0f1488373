// What protecting one packet costs, to many subscribers in turn so that the keys do not stay in
// the first cache: our layer with both profiles and both libraries, beside the bare calls to
// ipsec-mb that do the same work.

#include <benchmark/benchmark.h>
#include <intel-ipsec-mb.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/byte_order.hpp"
#include "base/bytes.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/hmac_sha1.hpp"
#include "media/srtp/inbound_context.hpp"
#include "media/srtp/keys.hpp"
#include "media/srtp/outbound_context.hpp"

namespace vis::media::srtp {
namespace {

constexpr std::size_t kSubscribers = 256;
constexpr std::size_t kSlotBytes = 1280;
constexpr std::size_t kHeaderBytes = 12;

SessionKeys keys_of(Profile profile, std::size_t subscriber) {
  MasterKey master;
  store_be(master.key.data(), static_cast<std::uint32_t>(subscriber));
  return SessionKeys::derive(profile, master);
}

/// Packets of `size` bytes on the wire but for the tag, to each subscriber in turn.
void protect(benchmark::State& state, Profile profile, Backend backend, std::size_t prefix) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Crypto crypto{backend};
  std::vector<OutboundContext> contexts;
  std::vector<OutboundStream> streams(kSubscribers);
  for (std::size_t i = 0; i < kSubscribers; ++i) contexts.emplace_back(crypto, keys_of(profile, i));
  const ByteVector payload(size - kHeaderBytes, 0x55);
  std::vector<std::uint8_t> slots(kSubscribers * kSlotBytes);
  std::uint64_t index = 0;
  while (state.KeepRunningBatch(kSubscribers)) {
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      const MutableBytes slot = MutableBytes{slots}.subspan(i * kSlotBytes, kSlotBytes);
      slot[0] = 0x80;
      store_be(slot.data() + 2, static_cast<std::uint16_t>(index));
      benchmark::DoNotOptimize(
          contexts[i].protect_rtp(streams[i], {.slot = slot,
                                               .header_size = kHeaderBytes,
                                               .roc = static_cast<std::uint32_t>(index >> 16),
                                               .prefix = Bytes{payload}.first(prefix),
                                               .payload = Bytes{payload}.subspan(prefix)}));
    }
    crypto.flush();
    ++index;
  }
}

void unprotect(benchmark::State& state, Profile profile, Backend backend) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Crypto crypto{backend};
  const SessionKeys keys = keys_of(profile, 0);
  OutboundContext outbound{crypto, keys};
  InboundContext inbound{crypto, keys};
  OutboundStream sent;
  const ByteVector payload(size - kHeaderBytes, 0x55);
  ByteVector packet(size + rtp_overhead(profile));
  packet[0] = 0x80;
  const std::size_t protected_size =
      outbound.protect_rtp(sent, {.slot = packet, .header_size = kHeaderBytes, .payload = payload});
  crypto.flush();
  ByteVector out(packet.size());
  for (auto _ : state) {
    InboundStream received;
    if (!inbound.unprotect_rtp(received, Bytes{packet}.first(protected_size), out)) {
      state.SkipWithError("refused");
    }
  }
}

struct ManagerDeleter {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, ManagerDeleter>;

Manager make_manager() {
  Manager manager{alloc_mb_mgr(0)};
  init_mb_mgr_auto(manager.get(), nullptr);
  return manager;
}

void bare_gcm(benchmark::State& state) {
  struct alignas(64) Key {
    gcm_key_data data;
  };
  const auto size = static_cast<std::size_t>(state.range(0));
  const Manager manager = make_manager();
  std::vector<Key> keys(kSubscribers);
  for (std::size_t i = 0; i < kSubscribers; ++i) {
    IMB_AES128_GCM_PRE(manager.get(), keys_of({}, i).rtp.cipher.data(), &keys[i].data);
  }
  const ByteVector payload(size - kHeaderBytes, 0x55);
  std::vector<std::uint8_t> slots(kSubscribers * kSlotBytes);
  std::array<std::uint8_t, 12> nonce{};
  gcm_context_data scratch;
  while (state.KeepRunningBatch(kSubscribers)) {
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      std::uint8_t* const slot = slots.data() + i * kSlotBytes;
      ++nonce[11];
      IMB_AES128_GCM_ENC(manager.get(), &keys[i].data, &scratch, slot + kHeaderBytes,
                         payload.data(), payload.size(), nonce.data(), slot, kHeaderBytes,
                         slot + size, 16);
    }
    benchmark::ClobberMemory();
  }
}

struct CmKey {
  alignas(16) std::array<std::uint8_t, 240> encrypt;
  alignas(16) std::array<std::uint8_t, 240> decrypt;
  HmacSha1Key authentication;
};

/// Everything that the multi-buffer job interface wants to know of one packet.
void fill(IMB_JOB& job, const CmKey& key, std::uint8_t* slot, std::size_t size) {
  job.cipher_mode = IMB_CIPHER_CNTR;
  job.hash_alg = IMB_AUTH_HMAC_SHA_1;
  job.chain_order = IMB_ORDER_CIPHER_HASH;
  job.cipher_direction = IMB_DIR_ENCRYPT;
  job.enc_keys = key.encrypt.data();
  job.dec_keys = key.decrypt.data();
  job.key_len_in_bytes = kKeyBytes;
  job.src = slot;
  job.dst = slot + kHeaderBytes;
  job.cipher_start_src_offset_in_bytes = kHeaderBytes;
  job.msg_len_to_cipher_in_bytes = size - kHeaderBytes;
  job.hash_start_src_offset_in_bytes = 0;
  job.msg_len_to_hash_in_bytes = size + 4;
  job.iv_len_in_bytes = 16;
  job.auth_tag_output_len_in_bytes = 12;
  job.u.HMAC._hashed_auth_key_xor_ipad =
      reinterpret_cast<const std::uint8_t*>(key.authentication.inner.data());
  job.u.HMAC._hashed_auth_key_xor_opad =
      reinterpret_cast<const std::uint8_t*>(key.authentication.outer.data());
}

void bare_cm_sha1(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const Manager manager = make_manager();
  std::vector<CmKey> keys(kSubscribers);
  for (CmKey& key : keys) {
    IMB_AES_KEYEXP_128(manager.get(), keys_of({}, 0).rtp.cipher.data(), key.encrypt.data(),
                       key.decrypt.data());
  }
  std::vector<std::uint8_t> slots(kSubscribers * kSlotBytes);
  std::array<std::array<std::uint8_t, 20>, kSubscribers> tags{};
  const std::array<std::uint8_t, 16> counter{};
  while (state.KeepRunningBatch(kSubscribers)) {
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      IMB_JOB* job = IMB_GET_NEXT_JOB(manager.get());
      fill(*job, keys[i], slots.data() + i * kSlotBytes, size);
      job->iv = counter.data();
      job->auth_tag_output = tags[i].data();
      job = IMB_SUBMIT_JOB(manager.get());
      while (job != nullptr) job = IMB_GET_COMPLETED_JOB(manager.get());
    }
    while (IMB_FLUSH_JOB(manager.get()) != nullptr) continue;
    benchmark::ClobberMemory();
  }
}

constexpr auto kGcm = Profile::AeadAes128Gcm;
constexpr auto kCm = Profile::Aes128CmHmacSha1_80;

BENCHMARK(bare_gcm)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(protect, gcm_ipsec_mb, kGcm, Backend::IpsecMb, 0)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(protect, gcm_ipsec_mb_two_parts, kGcm, Backend::IpsecMb, 6)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(protect, gcm_openssl, kGcm, Backend::OpenSsl, 0)->Arg(1200)->Arg(120);
BENCHMARK(bare_cm_sha1)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(protect, cm_sha1_ipsec_mb, kCm, Backend::IpsecMb, 0)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(protect, cm_sha1_openssl, kCm, Backend::OpenSsl, 0)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(unprotect, gcm_ipsec_mb, kGcm, Backend::IpsecMb)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(unprotect, gcm_openssl, kGcm, Backend::OpenSsl)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(unprotect, cm_sha1_ipsec_mb, kCm, Backend::IpsecMb)->Arg(1200)->Arg(120);
BENCHMARK_CAPTURE(unprotect, cm_sha1_openssl, kCm, Backend::OpenSsl)->Arg(1200)->Arg(120);

}  // namespace
}  // namespace vis::media::srtp
