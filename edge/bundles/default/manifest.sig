Ìa¼ve:Ñ­~^I+ê£Jn”£{sÛ‹?­ìÇÇeúr‹
p©aà2Rcu‚ö
B*¸Gä†ø›¡mÛRB