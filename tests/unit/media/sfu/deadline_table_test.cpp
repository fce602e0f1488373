#include "media/sfu/deadline_table.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace vis::media::sfu {
namespace {

constexpr TimePoint kStart{10s};

TEST(DeadlineTable, runs_what_is_due_and_nothing_else) {
  DeadlineTable table;
  table.set(0, kStart + 1ms);
  table.set(2, kStart + 3ms);
  table.set(5, kStart + 1s);
  std::vector<std::size_t> ran;
  table.run_due(kStart + 3ms, [&](std::size_t slot) { ran.push_back(slot); });
  EXPECT_THAT(ran, testing::ElementsAre(0, 2));
  EXPECT_EQ(table.next(), kStart + 1s);
}

TEST(DeadlineTable, a_slot_that_runs_may_set_itself_again) {
  DeadlineTable table;
  table.set(1, kStart);
  table.run_due(kStart, [&](std::size_t slot) { table.set(slot, kStart + 20ms); });
  EXPECT_EQ(table.next(), kStart + 20ms);
}

TEST(DeadlineTable, waits_at_least_a_quantum_between_scans) {
  DeadlineTable table;
  table.set(0, kStart);
  table.run_due(kStart, [](std::size_t) {});
  table.set(0, kStart + 1ms);
  EXPECT_EQ(table.next(), kStart + DeadlineTable::kQuantum);
}

TEST(DeadlineTable, an_unset_deadline_is_never_due) {
  DeadlineTable table;
  table.set(0, kStart);
  table.set(0, std::nullopt);
  bool ran = false;
  table.run_due(kStart + 1h, [&](std::size_t) { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(table.next(), std::nullopt);
}

}  // namespace
}  // namespace vis::media::sfu
