; What encloses the cursor: the rules, by their selectors.
(rule_set (selectors) @name) @scope.section
(media_statement "@media" @name) @scope.section
(supports_statement "@supports" @name) @scope.section
(keyframes_statement (keyframes_name) @name) @scope.section
