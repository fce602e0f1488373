#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <span>

#include "app/cli/cli.hpp"
#include "app/commands.hpp"

int main(int count, char** arguments) {
  try {
    const auto command = vis::app::parse_command_line({arguments, static_cast<std::size_t>(count)});
    if (!command) {
      fmt::print(stderr, "visavis: {}\n", command.error().message);
      return 2;
    }
    return vis::app::execute(*command);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "visavis: {}\n", failure.what());
    return 1;
  }
}
