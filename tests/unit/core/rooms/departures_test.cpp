#include "core/rooms/departures.hpp"

#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {
namespace {

constexpr TimePoint kStart{100s};

ParticipantInfo participant(std::string identity) {
  return {.identity = std::move(identity), .metadata = "long", .attributes = {{"a", "b"}}};
}

TEST(Departures, lists_those_who_left_since_a_time) {
  Departures departures;
  departures.add(kStart, participant("early"));
  departures.add(kStart + 1s, participant("late"));
  const auto left = departures.since(kStart + 1s);
  ASSERT_TRUE(left.has_value());
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().identity, "late");
  EXPECT_TRUE(left->front().metadata.empty() && left->front().attributes.empty());
}

TEST(Departures, admits_that_it_has_forgotten_some) {
  Departures departures;
  for (std::size_t i = 0; i < limits::kDeparturesRemembered; ++i) {
    departures.add(kStart + i * 1s, participant("p"));
  }
  ASSERT_TRUE(departures.since(kStart).has_value());
  EXPECT_EQ(departures.since(kStart)->size(), limits::kDeparturesRemembered);
  departures.add(kStart + 1h, participant("one more"));
  EXPECT_FALSE(departures.since(kStart).has_value());
  EXPECT_TRUE(departures.since(kStart + 1ms).has_value());
}

}  // namespace
}  // namespace vis::core::rooms
