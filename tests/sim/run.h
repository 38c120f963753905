// SPDX-License-Identifier: BSD-3-Clause
//
// Running applets inside a test.
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "simulator/session.h"

namespace gotee::sim {

inline AppletImage read_applet(const std::string& directory, const std::string& name) {
  std::ifstream file{directory + "/" + name + ".elf", std::ios::binary};
  EXPECT_TRUE(file) << directory << "/" << name << ".elf";
  return {name, name + ".elf", {std::istreambuf_iterator<char>{file}, {}}};
}
inline AppletImage example(const std::string& name) { return read_applet(GOTEE_EXAMPLES, name); }
inline AppletImage proof(const std::string& name) { return read_applet(GOTEE_TEST_APPLETS, name); }

/// A finished run with everything it printed.
struct Run {
  std::unique_ptr<Session> session;
  std::string console;
  std::vector<AppletImage> images;

  const Applet& applet(u32 index = 0) const { return session->kernel().applets()[index]; }
  /// What the applets printed: the console without the supervisor's lines.
  std::string spoken() const {
    std::string out;
    std::size_t at = 0;
    while (at < console.size()) {
      const std::size_t end = std::min(console.find('\n', at), console.size() - 1) + 1;
      const std::string line = console.substr(at, end - at);
      if (line.size() < 12 || line.compare(9, 3, "PL1") != 0) out += line;
      at = end;
    }
    return out;
  }
};

inline std::unique_ptr<Run> run(std::vector<AppletImage> images, const SessionOptions& options = {}) {
  auto result = std::make_unique<Run>();
  result->images = std::move(images);
  SessionSinks sinks;
  sinks.console = [r = result.get()](std::string_view text) { r->console += text; };
  result->session = std::make_unique<Session>(options, std::move(sinks), result->images.size() > 1);
  for (const AppletImage& image : result->images) {
    const auto refused = result->session->load(image);
    EXPECT_FALSE(refused) << image.name << ": " << refused.value_or("");
    if (refused) return result;
  }
  result->session->run();
  return result;
}

}  // namespace gotee::sim
