#include "base/metrics.hpp"

#include <gmock/gmock.h>

namespace vis {
namespace {

TEST(Metrics, the_same_name_and_label_is_one_series) {
  Metrics metrics;
  metrics.counter({.name = "calls_total", .help = "Calls.", .label = "kind", .label_value = "room"})
      .add(2);
  metrics.counter({.name = "calls_total", .help = "Calls.", .label = "kind", .label_value = "room"})
      .add(3);
  metrics.gauge({.name = "rooms", .help = "Rooms."}).set(4);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, testing::HasSubstr("calls_total{kind=\"room\"} 5"));
  EXPECT_THAT(text, testing::HasSubstr("# HELP rooms Rooms."));
  EXPECT_THAT(text, testing::HasSubstr("rooms 4"));
}

}  // namespace
}  // namespace vis
