#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace vis {

/// Where random bytes come from. Injected, so that engines stay repeatable: shells pass
/// SystemRandom, tests pass SeededRandom.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(MutableBytes target) = 0;

  std::uint32_t u32();
  std::uint64_t u64();
  /// A number in [0, bound), without bias. `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The kernel's generator (getrandom(2)); fit for keys. Aborts if the kernel refuses.
class SystemRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override;
};

/// Repeatable and predictable (SplitMix64): for tests and simulations, never for keys.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(MutableBytes target) override;

 private:
  std::uint64_t state_;
};

/// `length` characters of an alphabet of 56 digits and letters without look-alikes (0 O 1 I l o),
/// after `prefix`: `random_id(random, "PA_")` is `PA_` and twelve characters, about 69 bits.
std::string random_id(RandomSource& random, std::string_view prefix, std::size_t length = 12);

}  // namespace vis
