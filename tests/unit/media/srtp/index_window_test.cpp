#include "media/srtp/index_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace vis::media::srtp {
namespace {

using Window = IndexWindow<128>;
using Status = Window::Status;

TEST(IndexWindow, everything_is_fresh_at_first) {
  const Window window;
  EXPECT_EQ(window.status(0), Status::Fresh);
  EXPECT_EQ(window.status(1'000'000), Status::Fresh);
}

TEST(IndexWindow, remembers_what_was_used) {
  Window window;
  window.mark(500);
  window.mark(498);
  EXPECT_EQ(window.status(500), Status::Used);
  EXPECT_EQ(window.status(499), Status::Fresh);
  EXPECT_EQ(window.status(498), Status::Used);
}

TEST(IndexWindow, reaches_back_its_size_and_no_further) {
  Window window;
  window.mark(1000);
  EXPECT_EQ(window.status(1000 - 127), Status::Fresh);
  EXPECT_EQ(window.status(1000 - 128), Status::TooOld);
}

TEST(IndexWindow, a_jump_forgets_all_that_it_passes) {
  Window window;
  window.mark(10);
  window.mark(10 + 128);
  EXPECT_EQ(window.status(11), Status::Fresh);
  window.mark(1'000'000);
  EXPECT_EQ(window.status(1'000'000 - 128 + 10), Status::Fresh);
}

RC_GTEST_PROP(IndexWindow, agrees_with_a_set, (std::vector<std::uint8_t> steps)) {
  Window window;
  std::set<std::uint64_t> used;
  std::uint64_t at = 1000;
  for (const std::uint8_t step : steps) {
    at += step;
    for (const std::uint64_t index : {at, at - step / 2, at - 140}) {
      const bool too_old = !used.empty() && index + 128 <= *used.rbegin();
      const Status expected = too_old                ? Status::TooOld
                              : used.contains(index) ? Status::Used
                                                     : Status::Fresh;
      RC_ASSERT(window.status(index) == expected);
      if (expected != Status::Fresh) continue;
      window.mark(index);
      used.insert(index);
    }
  }
}

}  // namespace
}  // namespace vis::media::srtp
