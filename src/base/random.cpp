#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <limits>

#include "base/assert.hpp"

namespace vis {
namespace {

constexpr std::string_view kIdAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
static_assert(kIdAlphabet.size() == 56);

}  // namespace

std::uint32_t RandomSource::u32() { return static_cast<std::uint32_t>(u64()); }

std::uint64_t RandomSource::u64() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return ByteReader{bytes}.u64();
}

std::uint64_t RandomSource::below(std::uint64_t bound) {
  VIS_ASSERT(bound > 0);
  const std::uint64_t limit =
      std::numeric_limits<std::uint64_t>::max() - std::numeric_limits<std::uint64_t>::max() % bound;
  std::uint64_t value = u64();
  while (value >= limit) value = u64();
  return value % bound;
}

void SystemRandom::fill(MutableBytes target) {
  while (!target.empty()) {
    const ssize_t count = ::getrandom(target.data(), target.size(), 0);
    if (count < 0) {
      VIS_ASSERT(errno == EINTR);
      continue;
    }
    target = target.subspan(static_cast<std::size_t>(count));
  }
}

void SeededRandom::fill(MutableBytes target) {
  for (std::uint8_t& byte : target) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    byte = static_cast<std::uint8_t>(mixed >> 56);
  }
}

std::string random_id(RandomSource& random, std::string_view prefix, std::size_t length) {
  std::string id(prefix);
  id.reserve(prefix.size() + length);
  for (std::size_t i = 0; i < length; ++i) {
    id.push_back(kIdAlphabet[static_cast<std::size_t>(random.below(kIdAlphabet.size()))]);
  }
  return id;
}

}  // namespace vis
