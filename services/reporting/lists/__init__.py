"""Lists of an organization's subtree, paged by keyset, sorted and filtered: a file for each."""
