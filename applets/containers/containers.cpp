// SPDX-License-Identifier: BSD-3-Clause
//
// The C++ library at PL0, without exceptions. Prints how often each word of a sentence occurs, in
// alphabetical order (first "  1 and"), then "9 words, 6 different".
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace {

std::vector<std::string> split(const std::string& sentence) {
  std::vector<std::string> words;
  for (std::size_t start = 0; start < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', start), sentence.size());
    words.push_back(sentence.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

int main() {
  const std::vector<std::string> words = split("the applet asks the supervisor and the supervisor answers");
  std::map<std::string, int> counts;
  for (const std::string& word : words) ++counts[word];
  for (const auto& [word, count] : counts) std::printf("%3d %s\n", count, word.c_str());
  std::printf("%u words, %u different\n", unsigned(words.size()), unsigned(counts.size()));
}
