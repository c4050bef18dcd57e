; A comment of HTML is the only comment there is, and only as a block of its own: the block grammar does not look into lines.
((html_block) @comment (#match? @comment "^ {0,3}<!--"))
