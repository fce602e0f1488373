#include "core/rooms/data_backlog.hpp"

#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {
namespace {

constexpr TimePoint kStart{100s};

TEST(DataBacklog, gives_back_what_it_holds_in_order_and_once) {
  DataBacklog backlog;
  backlog.hold(kStart, {1});
  backlog.hold(kStart, {2});
  EXPECT_EQ(backlog.take(kStart), (std::vector<ByteVector>{{1}, {2}}));
  EXPECT_TRUE(backlog.take(kStart).empty());
}

TEST(DataBacklog, keeps_a_message_for_two_seconds_and_no_longer) {
  DataBacklog backlog;
  backlog.hold(kStart, {1});
  EXPECT_EQ(backlog.take(kStart + 2s).size(), 1U);
  backlog.hold(kStart, {1});
  EXPECT_TRUE(backlog.take(kStart + 2001ms).empty());
}

TEST(DataBacklog, drops_the_oldest_beyond_its_size) {
  DataBacklog backlog;
  backlog.hold(kStart, ByteVector(1));
  backlog.hold(kStart, ByteVector(limits::kBacklogBytes - 1));
  EXPECT_EQ(backlog.bytes(), limits::kBacklogBytes);
  backlog.hold(kStart, ByteVector(1));
  EXPECT_EQ(backlog.bytes(), limits::kBacklogBytes);
  EXPECT_EQ(backlog.take(kStart).size(), 2U);
}

TEST(DataBacklog, holds_nothing_that_is_larger_than_itself) {
  DataBacklog backlog;
  backlog.hold(kStart, ByteVector(1));
  backlog.hold(kStart, ByteVector(limits::kBacklogBytes + 1));
  EXPECT_EQ(backlog.bytes(), 1U);
}

}  // namespace
}  // namespace vis::core::rooms
