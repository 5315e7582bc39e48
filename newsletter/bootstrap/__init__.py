"""The only place where objects are joined: `installation` opens one, `sending` equips it to make and send mail."""
