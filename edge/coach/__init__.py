"""Rules, knowledge and ranking: a reading and numbers become advice."""
